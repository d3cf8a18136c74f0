import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { stringFlag } from '../../cli/flags.ts'
import { requireImage } from '../../runtime/image/find.ts'
import { historyOf } from '../../runtime/image/inspect.ts'
import { layerSizes } from '../../runtime/image/layer-sizes.ts'
import { openImages } from '../../runtime/image/open.ts'
import { HISTORY_COLUMNS, historyRow, shortId } from '../../view/image-columns.ts'
import { renderRows } from '../../view/template.ts'

export default class ImageHistory extends BaseCommand {
  static override summary = 'Show the history of an image'
  static override usage = 'image history [OPTIONS] IMAGE'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    format: stringFlag({
      default: '',
      description: 'Format output using a custom template: table, json or a template',
    }),
    'no-trunc': Flags.boolean({ description: "Don't truncate output" }),
    quiet: Flags.boolean({ char: 'q', description: 'Only show image IDs' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageHistory)
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const image = requireImage(store, this.operands[0] as string)
    const lines = historyOf(image, layerSizes(store, image))
    const truncate = !flags['no-trunc']
    if (flags.quiet) {
      return this.answer(lines.map(({ imageId }) => `${truncate ? shortId(imageId) : imageId}\n`).join(''))
    }
    const rows = lines.map((line) => historyRow(line, { truncate, nowMs: Date.now() }))
    this.answer(renderRows(rows, flags.format, HISTORY_COLUMNS))
  }
}
