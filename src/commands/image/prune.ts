import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { ask } from '../../cli/ask.ts'
import { openImages } from '../../runtime/image/open.ts'
import { pruneImages, type RemovalEvent } from '../../runtime/image/remove.ts'
import { humanSize } from '../../view/human-size.ts'

export default class ImagePrune extends BaseCommand {
  static override summary = 'Remove unused images'
  static override usage = 'image prune [OPTIONS]'
  static override operandCount = { least: 0, most: 0 }
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'Remove all unused images, not just dangling ones' }),
    force: Flags.boolean({ char: 'f', description: 'Do not prompt for confirmation' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImagePrune)
    const what = flags.all ? 'images without at least one container associated to them' : 'dangling images'
    const question = `WARNING! This will remove all ${what}.\nAre you sure you want to continue? [y/N] `
    if (!flags.force && !(await ask(question, this.output))) return
    const { store, usedImageIds } = openImages(process.env, process.getuid?.() ?? 0)
    const options = { all: flags.all, usedImageIds: usedImageIds() }
    const { events, reclaimedBytes } = await pruneImages(store, options, this.signal)
    const removed = events.length === 0 ? '' : `Deleted Images:\n${events.map(eventLine).join('')}\n`
    this.answer(`${removed}Total reclaimed space: ${humanSize(reclaimedBytes)}\n`)
  }
}

function eventLine(event: RemovalEvent): string {
  return event.kind === 'untagged' ? `untagged: ${event.reference}\n` : `deleted: ${event.imageId}\n`
}
