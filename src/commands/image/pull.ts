import { Flags } from '@oclif/core'
import { stringFlag } from '../../cli/flags.ts'
import { ImageCommand } from '../../cli/image-command.ts'
import { planImagePulls } from '../../planner/pull.ts'
import { fullName, parseReference } from '../../runtime/image/reference.ts'

export default class ImagePull extends ImageCommand {
  static override summary = 'Download images from a registry'
  static override usage = 'image pull [OPTIONS] NAME[:TAG|@DIGEST]...'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    platform: stringFlag({ description: 'Pull the image for this platform, such as linux/arm64' }),
    quiet: Flags.boolean({ char: 'q', description: 'Suppress verbose output' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImagePull)
    // What can be wrong with the words is found before any work.
    const names = [...new Set(this.operands.map((text) => fullName(parseReference(text))))]
    const platform = flags.platform || process.env.DOCKER_DEFAULT_PLATFORM
    const plan = planImagePulls(this.operands, platform ? { platform } : {})
    await this.carryOut(plan, { globals: flags, shows: () => !flags.quiet })
    if (!flags['dry-run']) this.answer(names.map((name) => `${name}\n`).join(''))
  }
}
