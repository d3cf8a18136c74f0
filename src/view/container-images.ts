/** The images of a project's containers, as `docker compose images` shows them. Pure. */
import type { ObservedImage } from '../driver/driver.ts'
import { goJson } from './go-template/values.ts'
import { humanSize } from './human-size.ts'
import { humanDuration } from './human-time.ts'
import { shortId } from './image-columns.ts'
import { renderTable } from './table.ts'

export interface ContainerImage {
  readonly containerName: string
  readonly imageId: string
  /** The reference that the container was made from. */
  readonly wanted: string
  /** Absent when the image is no more. */
  readonly found?: ObservedImage
}

const HEAD = ['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED']
const NONE = '<none>'

export function renderImages(images: readonly ContainerImage[], nowMs: number): string {
  const rows = images.map(({ containerName, imageId, ...image }) => {
    const { repository, tag } = nameOf(image)
    const { platform = '', sizeBytes = 0, createdAtMs = 0 } = image.found ?? {}
    const created = createdAtMs === 0 ? 'N/A' : `${humanDuration(nowMs - createdAtMs)} ago`
    return [containerName, repository, tag, platform, shortId(imageId), humanSize(sizeBytes), created]
  })
  return renderTable([HEAD, ...rows], { leastWidth: 20 })
}

export function renderImagesAsJson(images: readonly ContainerImage[]): string {
  const rows = images.map(({ containerName, imageId, ...image }) => {
    const { repository, tag } = nameOf(image)
    const { platform = '', sizeBytes = 0, createdAtMs = 0 } = image.found ?? {}
    return {
      ID: imageId,
      ContainerName: containerName,
      Repository: repository,
      Tag: tag,
      Platform: platform,
      Size: sizeBytes,
      ...(createdAtMs === 0 ? {} : { Created: new Date(createdAtMs).toISOString() }),
    }
  })
  return `${goJson(rows)}\n`
}

/** The name that the container was made from, when the image still has it. */
function nameOf({ wanted, found }: Pick<ContainerImage, 'wanted' | 'found'>): {
  readonly repository: string
  readonly tag: string
} {
  const names = found?.references ?? []
  const name = names.find((one) => one === wanted || one === `${wanted}:latest`) ?? names[0]
  if (name === undefined) return { repository: NONE, tag: NONE }
  const [repository = NONE] = name.split('@')
  const colon = repository.indexOf(':', repository.lastIndexOf('/'))
  if (colon === -1) return { repository, tag: NONE }
  return { repository: repository.slice(0, colon), tag: repository.slice(colon + 1) }
}
