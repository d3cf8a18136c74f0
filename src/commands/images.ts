import { Flags } from '@oclif/core'
import { Refusal } from '../cli/failure.ts'
import { stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireServices, serviceOf } from '../cli/service-selection.ts'
import type { ObservedContainer } from '../driver/driver.ts'
import { type ContainerImage, renderImages, renderImagesAsJson } from '../view/container-images.ts'

export default class Images extends ProjectCommand {
  static override summary = 'List images used by the created containers'
  static override usage = 'images [OPTIONS] [SERVICE...]'
  static override flags = {
    format: stringFlag({ description: 'Format the output. Values: [table | json]', default: 'table' }),
    quiet: Flags.boolean({ char: 'q', description: 'Only display IDs' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Images)
    const render = RENDERERS.get(flags.format)
    if (render === undefined) throw new Refusal(`format value "${flags.format}" could not be parsed: parsing failed`)
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    if (this.operands.length > 0) requireServices(this.operands, subject, containers)
    const meant = containers
      .filter((one) => this.operands.length === 0 || this.operands.includes(serviceOf(one)))
      .sort((a, b) => (a.containerName < b.containerName ? -1 : 1))
    const images = await Promise.all(meant.map((one) => this.#imageOf(one)))
    if (!flags.quiet) return this.answer(render(images, Date.now()))
    const ids = new Set(images.map(({ imageId }) => imageId.replace('sha256:', '')))
    this.answer([...ids].map((id) => `${id}\n`).join(''))
  }

  /** An image that has lost its names, or is gone, still has its id. */
  async #imageOf({ containerName, image, imageId }: ObservedContainer): Promise<ContainerImage> {
    const found = await this.driver.findImage(imageId, this.signal)
    return { containerName, imageId, wanted: image, ...(found === undefined ? {} : { found }) }
  }
}

const RENDERERS: ReadonlyMap<string, typeof renderImages> = new Map([
  ['table', renderImages],
  ['json', renderImagesAsJson],
])
