import { BaseCommand } from '../../base-command.ts'
import { ExitStatus } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { findImage } from '../../runtime/image/find.ts'
import { inspectionOf } from '../../runtime/image/inspect.ts'
import { openImages } from '../../runtime/image/open.ts'
import { escapeControls } from '../../view/paint.ts'
import { renderRows } from '../../view/template.ts'

export default class ImageInspect extends BaseCommand {
  static override summary = 'Display detailed information on one or more images'
  static override usage = 'image inspect [OPTIONS] IMAGE [IMAGE...]'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    format: stringFlag({ char: 'f', default: '', description: 'Format output using a custom template' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageInspect)
    const { store } = openImages(process.env, process.getuid?.() ?? 0)
    const found = this.operands.map((text) => ({ text, image: findImage(store, text) }))
    const details = found.flatMap(({ image }) => (image === undefined ? [] : [inspectionOf(image)]))
    this.answer(
      flags.format === ''
        ? `${JSON.stringify(details, undefined, 4)}\n`
        : renderRows(details as Record<string, unknown>[], flags.format, { table: [], headings: {}, leastWidth: 0 }),
    )
    const missing = found.filter(({ image }) => image === undefined)
    for (const { text } of missing) this.output.err(`Error: No such image: ${escapeControls(text)}\n`)
    if (missing.length > 0) throw new ExitStatus(1)
  }
}
