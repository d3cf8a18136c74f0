import { BaseCommand } from '../../base-command.ts'
import { openImages } from '../../runtime/image/open.ts'
import { tagImage } from '../../runtime/image/tag.ts'

export default class ImageTag extends BaseCommand {
  static override summary = 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE'
  static override usage = 'image tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]'
  static override operandCount = { least: 2, most: 2 }

  override async run(): Promise<void> {
    await this.parse(ImageTag)
    const [source, target] = this.operands as [string, string]
    await tagImage(openImages(process.env, process.getuid?.() ?? 0).store, source, target, this.signal)
  }
}
