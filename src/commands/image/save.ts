import { BaseCommand } from '../../base-command.ts'
import { Refusal } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { writeWhole } from '../../cli/write-whole.ts'
import { openImages } from '../../runtime/image/open.ts'
import { parsePlatform } from '../../runtime/image/platform.ts'
import { saveArchive } from '../../runtime/image/save.ts'

export default class ImageSave extends BaseCommand {
  static override summary = 'Save one or more images to a tar archive (streamed to STDOUT by default)'
  static override usage = 'image save [OPTIONS] IMAGE [IMAGE...]'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    output: stringFlag({ char: 'o', description: 'Write to a file, instead of STDOUT' }),
    platform: stringFlag({ description: 'Save only the given platform variant, such as linux/arm64' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageSave)
    if (flags.output === undefined && this.output.outIsTerminal) {
      throw new Refusal('cowardly refusing to save to a terminal', 'use the -o flag or redirect')
    }
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const platform = flags.platform ? { platform: parsePlatform(flags.platform) } : {}
    const archive = saveArchive(store, this.operands, { ...platform, signal: this.signal })
    const copy = async (write: (data: Uint8Array) => void): Promise<void> => {
      for await (const part of archive) write(part)
    }
    await (flags.output === undefined ? copy(this.output.out) : writeWhole(flags.output, copy))
  }
}
