import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { ExitStatus } from '../../cli/failure.ts'
import { DriverError } from '../../driver/driver.ts'
import { findImage } from '../../runtime/image/find.ts'
import { type Images, openImages } from '../../runtime/image/open.ts'
import { type RemovalEvent, removeImage } from '../../runtime/image/remove.ts'
import { escapeControls } from '../../view/paint.ts'

export default class ImageRm extends BaseCommand {
  static override summary = 'Remove one or more images'
  static override usage = 'image rm [OPTIONS] IMAGE [IMAGE...]'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    force: Flags.boolean({ char: 'f', description: 'Force removal of the image' }),
  }

  /** What can be removed is, whatever stands between it. */
  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageRm)
    const images = openImages(process.env, process.getuid?.() ?? 0)
    let failed = false
    for (const text of this.operands) {
      try {
        await this.#remove(text, flags, images)
      } catch (error) {
        if (!(error instanceof DriverError) || error.code === 'cancelled') throw error
        failed = true
        this.output.err(`Error response: ${escapeControls(error.message)}\n`)
      }
    }
    if (failed) throw new ExitStatus(1)
  }

  async #remove(text: string, { force }: { readonly force: boolean }, images: Images): Promise<void> {
    if (force && findImage(images.store, text) === undefined) return
    const options = { force, usedImageIds: images.usedImageIds(), signal: this.signal }
    const events = await removeImage(images.store, text, options)
    this.answer(events.map(eventLine).join(''))
  }
}

function eventLine(event: RemovalEvent): string {
  return event.kind === 'untagged' ? `Untagged: ${event.reference}\n` : `Deleted: ${event.imageId}\n`
}
