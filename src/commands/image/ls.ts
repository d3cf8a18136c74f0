import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { stringFlag } from '../../cli/flags.ts'
import {
  type ImageLine,
  imageLines,
  imageLinesWithDigests,
  listedImages,
  matchingLines,
} from '../../runtime/image/list.ts'
import { openImages } from '../../runtime/image/open.ts'
import { IMAGE_COLUMNS, IMAGE_COLUMNS_WITH_DIGESTS, imageRow, shortId } from '../../view/image-columns.ts'
import { renderRows } from '../../view/template.ts'

export default class ImageLs extends BaseCommand {
  static override summary = 'List images'
  static override usage = 'image ls [OPTIONS] [REPOSITORY[:TAG]]'
  static override operandCount = { least: 0, most: 1 }
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'Show all images (default hides intermediate images)' }),
    digests: Flags.boolean({ description: 'Show digests' }),
    format: stringFlag({
      default: '',
      description: 'Format output using a custom template: table, json or a template',
    }),
    'no-trunc': Flags.boolean({ description: "Don't truncate output" }),
    quiet: Flags.boolean({ char: 'q', description: 'Only show image IDs' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageLs)
    const withDigests = flags.digests || flags.format.includes('{{.Digest}}')
    const lines = this.#lines(withDigests ? imageLinesWithDigests : imageLines)
    const truncate = !flags['no-trunc']
    if (flags.quiet) {
      const ids = lines.map(({ imageId }) => (truncate ? shortId(imageId) : imageId))
      return this.answer(ids.map((id) => `${id}\n`).join(''))
    }
    const columns = flags.digests ? IMAGE_COLUMNS_WITH_DIGESTS : IMAGE_COLUMNS
    const rows = lines.map((line) => imageRow(line, { truncate, nowMs: Date.now() }))
    this.answer(renderRows(rows, flags.format, columns))
  }

  #lines(linesOf: typeof imageLines): readonly ImageLine[] {
    const lines = linesOf(listedImages(openImages(process.env, process.getuid?.() ?? 0).store))
    const [pattern] = this.operands
    return pattern === undefined ? lines : matchingLines(lines, pattern)
  }
}
