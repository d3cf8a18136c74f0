import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { Refusal } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { isTerminal } from '../../cli/output.ts'
import { loadArchive } from '../../runtime/image/load.ts'
import { openImages, wantedPlatform } from '../../runtime/image/open.ts'

export default class ImageLoad extends BaseCommand {
  static override summary = 'Load an image from a tar archive or STDIN'
  static override usage = 'image load [OPTIONS]'
  static override operandCount = { least: 0, most: 0 }
  static override flags = {
    input: stringFlag({ char: 'i', description: 'Read from tar archive file, instead of STDIN' }),
    platform: stringFlag({ description: 'Load only the given platform variant' }),
    quiet: Flags.boolean({ char: 'q', description: 'Suppress the load output' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageLoad)
    if (flags.input === undefined && isTerminal(0)) {
      throw new Refusal('requested load from stdin, but stdin is empty', 'give the archive with "-i FILE" or by a pipe')
    }
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const source = flags.input === undefined ? { descriptor: 0 } : { path: flags.input }
    const wanted = { platform: wantedPlatform(flags.platform), isStrict: flags.platform !== undefined }
    const loaded = await loadArchive(store, { source, wanted }, this.signal)
    if (flags.quiet) return
    for (const { imageId, references } of loaded) {
      const lines =
        references.length > 0 ? references.map((one) => `Loaded image: ${one}`) : [`Loaded image ID: ${imageId}`]
      for (const line of lines) this.answer(`${line}\n`)
    }
  }
}
