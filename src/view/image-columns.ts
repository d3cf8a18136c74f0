/** Images as `image ls` and `image history` show them: the fields of Docker's own formatters, under their names. */
import { humanSize } from './human-size.ts'
import { goTime, humanDuration } from './human-time.ts'
import type { Columns } from './template.ts'

/** What is shown of an image under one of its names. */
export interface ShownImage {
  readonly repository: string
  readonly tag: string
  readonly digest: string
  readonly imageId: string
  readonly createdAtMs: number
  readonly sizeBytes: number
}

export interface ShownLayer {
  readonly imageId: string
  readonly createdAtMs: number
  readonly createdBy: string
  readonly sizeBytes: number
  readonly comment: string
}

export interface ShowOptions {
  readonly truncate: boolean
  readonly nowMs: number
}

type Row = Readonly<Record<string, string>>

const DOCKER_LEAST_WIDTH = 10

const IMAGE_TABLE = [
  ['Repository', 'REPOSITORY'],
  ['Tag', 'TAG'],
  ['ID', 'IMAGE ID'],
  ['CreatedSince', 'CREATED'],
  ['Size', 'SIZE'],
] as const

export const IMAGE_COLUMNS: Columns = {
  table: IMAGE_TABLE,
  headings: { CreatedAt: 'CREATED AT', Digest: 'DIGEST' },
  leastWidth: DOCKER_LEAST_WIDTH,
}

/** With `--digests` they stand after the tag. */
export const IMAGE_COLUMNS_WITH_DIGESTS: Columns = {
  ...IMAGE_COLUMNS,
  table: [...IMAGE_TABLE.slice(0, 2), ['Digest', 'DIGEST'], ...IMAGE_TABLE.slice(2)],
}

export const HISTORY_COLUMNS: Columns = {
  table: [
    ['ID', 'IMAGE'],
    ['CreatedSince', 'CREATED'],
    ['CreatedBy', 'CREATED BY'],
    ['Size', 'SIZE'],
    ['Comment', 'COMMENT'],
  ],
  headings: { CreatedAt: 'CREATED AT' },
  leastWidth: DOCKER_LEAST_WIDTH,
}

/** Keys in the order of `docker image ls --format json`. */
export function imageRow(image: ShownImage, { truncate, nowMs }: ShowOptions): Row {
  return {
    Containers: 'N/A',
    CreatedAt: goTime(image.createdAtMs),
    CreatedSince: since(image.createdAtMs, nowMs),
    Digest: image.digest,
    ID: truncate ? shortId(image.imageId) : image.imageId,
    Repository: image.repository,
    SharedSize: 'N/A',
    Size: humanSize(image.sizeBytes),
    Tag: image.tag,
    UniqueSize: 'N/A',
    VirtualSize: humanSize(image.sizeBytes),
  }
}

export function historyRow(layer: ShownLayer, { truncate, nowMs }: ShowOptions): Row {
  const words = layer.createdBy.replaceAll('\t', ' ')
  return {
    Comment: layer.comment,
    CreatedAt: new Date(layer.createdAtMs).toISOString().replace('.000', ''),
    CreatedBy: truncate && words.length > 45 ? `${words.slice(0, 44)}…` : words,
    CreatedSince: since(layer.createdAtMs, nowMs),
    ID: truncate ? shortId(layer.imageId) : layer.imageId,
    Size: humanSize(layer.sizeBytes),
  }
}

/** Twelve digits; `<missing>` stays as it is. */
export function shortId(imageId: string): string {
  return imageId.startsWith('sha256:') ? imageId.slice('sha256:'.length, 'sha256:'.length + 12) : imageId
}

function since(timeMs: number, nowMs: number): string {
  return timeMs === 0 ? 'N/A' : `${humanDuration(nowMs - timeMs)} ago`
}
