import { BaseCommand } from '../../base-command.ts'
import { Refusal } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { writeWhole } from '../../cli/write-whole.ts'
import { exportImage } from '../../runtime/image/export.ts'
import { requireImage } from '../../runtime/image/find.ts'
import { openImages } from '../../runtime/image/open.ts'

export default class ImageExport extends BaseCommand {
  static override summary = "Export an image's filesystem as a tar archive"
  static override usage = 'image export [OPTIONS] IMAGE'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    output: stringFlag({ char: 'o', description: 'Write to a file, instead of STDOUT' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageExport)
    if (flags.output === undefined && this.output.outIsTerminal) {
      throw new Refusal('cowardly refusing to export to a terminal', 'use the -o flag or redirect')
    }
    const { store, filesProgram } = openImages(process.env, process.getuid?.() ?? 0)
    const image = requireImage(store, this.operands[0] as string)
    const hand = { program: filesProgram(), signal: this.signal }
    const copy = (write: (data: Uint8Array) => void): Promise<void> => exportImage(store, image, { hand, write })
    await (flags.output === undefined ? copy(this.output.out) : writeWhole(flags.output, copy))
  }
}
