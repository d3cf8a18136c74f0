import { open, rename, rm } from 'node:fs/promises'
import { BaseCommand } from '../../base-command.ts'
import { Refusal } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { openImages } from '../../runtime/image/open.ts'
import { saveArchive } from '../../runtime/image/save.ts'

export default class ImageSave extends BaseCommand {
  static override summary = 'Save one or more images to a tar archive (streamed to STDOUT by default)'
  static override usage = 'image save [OPTIONS] IMAGE [IMAGE...]'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    output: stringFlag({ char: 'o', description: 'Write to a file, instead of STDOUT' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageSave)
    if (flags.output === undefined && this.output.outIsTerminal) {
      throw new Refusal('cowardly refusing to save to a terminal', 'use the -o flag or redirect')
    }
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const archive = saveArchive(store, this.operands, this.signal)
    if (flags.output !== undefined) return await writeWhole(flags.output, archive)
    for await (const part of archive) this.output.out(part)
  }
}

/** Under its name only when it is complete. */
async function writeWhole(path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  const fresh = `${path}.partial-${process.pid}`
  const file = await open(fresh, 'w', 0o600)
  try {
    for await (const part of archive) await file.writeFile(part)
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
