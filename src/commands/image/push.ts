import { Flags } from '@oclif/core'
import { Refusal } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { ImageCommand } from '../../cli/image-command.ts'
import type { PushedImage } from '../../driver/driver.ts'
import { planImagePushes } from '../../planner/push.ts'
import { tagsOf } from '../../runtime/image/list.ts'
import { openImages } from '../../runtime/image/open.ts'
import { fullName, parseReference, type Reference } from '../../runtime/image/reference.ts'

export default class ImagePush extends ImageCommand {
  static override summary = 'Upload an image to a registry'
  static override usage = 'image push [OPTIONS] NAME[:TAG]'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    'all-tags': Flags.boolean({ char: 'a', description: 'Push all tags of an image to the repository' }),
    platform: stringFlag({
      description: 'Push the image for this platform alone, such as linux/arm64, in place of an image for several',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'Suppress verbose output' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImagePush)
    const [text] = this.operands as [string]
    const reference = parseReference(text)
    if (reference.digest !== undefined) throw new Refusal('cannot push a digest reference', 'name it by a tag')
    const images = flags['all-tags'] ? allTags(text, reference) : [text]
    const say = (line: string): void => (flags.quiet || flags['dry-run'] ? undefined : this.answer(`${line}\n`))
    if (!flags['all-tags'] && !isTagged(text)) say(`Using default tag: ${reference.tag}`)
    say(`The push refers to repository [${repositoryOf(reference)}]`)
    const plan = planImagePushes(images, flags.platform ? { platform: flags.platform } : {})
    const done = await this.carryOut(plan, {
      globals: flags,
      shows: ({ status }) => !flags.quiet || status === 'error',
    })
    for (const [image, pushed] of done?.pushedImages ?? []) say(lineOf(image, pushed))
    if (flags.quiet && done !== undefined)
      this.answer(`${flags['all-tags'] ? repositoryOf(reference) : fullName(reference)}\n`)
  }
}

function allTags(text: string, reference: Reference): readonly string[] {
  if (isTagged(text)) throw new Refusal("tag can't be used with --all-tags/-a")
  const { store } = openImages(process.env, process.getuid?.() ?? 0)
  const tags = tagsOf(store, reference)
  if (tags.length > 0) return tags.map((tag) => `${text}:${tag}`)
  throw new Refusal(`no image of the name "${text}" is there`, 'give one this name with "tscompose image tag"')
}

/** A colon before a slash is a registry's port. */
const isTagged = (text: string): boolean => /:[^/]*$/.test(text)

const repositoryOf = ({ registry, repository }: Reference): string => `${registry}/${repository}`

function lineOf(image: string, { digest, sizeBytes }: PushedImage): string {
  return `${parseReference(image).tag}: digest: ${digest} size: ${sizeBytes}`
}
