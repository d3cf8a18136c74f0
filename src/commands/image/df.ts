import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { Refusal } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { imageLines, listImages } from '../../runtime/image/list.ts'
import { openImages } from '../../runtime/image/open.ts'
import { type StoreUsage, usageOf } from '../../runtime/image/usage.ts'
import { renderImageUsage, type ShownUsage, STORE_USAGE_COLUMNS, storeUsageRow } from '../../view/image-usage.ts'
import { renderRows } from '../../view/template.ts'

export default class ImageDf extends BaseCommand {
  static override summary = 'Show how much space images take'
  static override usage = 'image df [OPTIONS]'
  static override operandCount = { least: 0, most: 0 }
  static override flags = {
    format: stringFlag({
      default: '',
      description: 'Format output using a custom template: table, json or a template',
    }),
    // Docker's `--verbose` is a flag of every command here.
    details: Flags.boolean({ char: 'v', description: 'Show detailed information on space usage (also --verbose)' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageDf)
    const isDetailed = flags.details || flags.verbose
    if (isDetailed && flags.format !== '') throw new Refusal('--verbose and --format cannot be used together')
    const { store, containersOfImages } = openImages(process.env, process.getuid?.() ?? 0)
    const usage = usageOf(store, listImages(store), containersOfImages())
    if (isDetailed) return this.answer(renderImageUsage(usage.images.flatMap(linesOf), Date.now()))
    this.answer(renderRows(kindsOf(usage).map(storeUsageRow), flags.format, STORE_USAGE_COLUMNS))
  }
}

/** Images as Docker counts them, and what else they take: their layers as they came, from which they are saved and pushed. */
function kindsOf({ images, layers, blobs }: StoreUsage): readonly ShownUsage[] {
  const { bytes, reclaimableBytes } = layers
  const activeCount = images.filter(({ containers }) => containers > 0).length
  return [
    { type: 'Images', count: images.length, activeCount, bytes, reclaimableBytes },
    { type: 'Blobs', ...blobs },
  ]
}

/** One for each name. */
function linesOf({ image, ...usage }: StoreUsage['images'][number]) {
  return imageLines([image]).map((line) => ({ ...line, ...usage }))
}
