/** All images of the store, each with its names: for `image ls` and for removal. Reads only. */
import { openImage, type StoredImage } from './find.ts'
import { toldOrigins } from './origins.ts'
import { familiarName, familiarRepository, parseReference, type Reference } from './reference.ts'
import { type ImageStore, type IndexEntry, readIndex } from './store.ts'

/** What a list tells of an image. */
export interface ListedImage {
  readonly imageId: string
  /** Full names, sorted. */
  readonly references: readonly string[]
  readonly origins: readonly string[]
  readonly sizeBytes: number
  readonly createdAtMs: number
}

/** Newest first, as in Docker. */
export function listImages(store: ImageStore): readonly StoredImage[] {
  const entries = readIndex(store)
  return [...byImage(entries).values()].map(([first]) => openImage(store, entries, first)).sort(newestFirst)
}

/** The same, from the index alone: of hundreds of images none is opened. */
export function listedImages(store: ImageStore): readonly ListedImage[] {
  const entries = readIndex(store)
  const listed = [...byImage(entries).values()].map((same): ListedImage => {
    const [{ imageId, sizeBytes, createdAtMs }] = same
    const references = same.flatMap(({ reference }) => reference ?? []).sort()
    const origins = [...new Set(same.flatMap((one) => one.origins ?? []))]
    // An older store does not tell, but the image does.
    const madeAtMs = createdAtMs ?? openImage(store, entries, same[0]).createdAtMs
    return { imageId, references, origins, sizeBytes, createdAtMs: madeAtMs }
  })
  return listed.sort(newestFirst)
}

type Same = readonly [IndexEntry, ...IndexEntry[]]

/** The first entry of an image is the one that is last in the file, as it always was. */
function byImage(entries: readonly IndexEntry[]): ReadonlyMap<string, Same> {
  const found = new Map<string, Same>()
  for (const entry of entries) found.set(entry.imageId, [entry, ...(found.get(entry.imageId) ?? [])])
  return found
}

function newestFirst(a: ListedImage, b: ListedImage): number {
  return b.createdAtMs - a.createdAtMs || order(a.imageId, b.imageId)
}

/** One line of `image ls`: an image has one for each of its names, or one without a name. */
export interface ImageLine {
  readonly repository: string
  readonly tag: string
  readonly digest: string
  readonly imageId: string
  readonly createdAtMs: number
  readonly sizeBytes: number
}

/** Of one repository, sorted. */
export function tagsOf(store: ImageStore, { registry, repository }: Reference): readonly string[] {
  const names = readIndex(store).flatMap(({ reference }) =>
    reference === undefined ? [] : [parseReference(reference)],
  )
  const same = names.filter((one) => one.registry === registry && one.repository === repository)
  return same.flatMap(({ tag }) => tag ?? []).sort()
}

const NONE = '<none>'

export function imageLines(images: readonly ListedImage[]): readonly ImageLine[] {
  return linesOf(images, () => [])
}

/** A name stands once for each digest that its repository knows the image by. */
export function imageLinesWithDigests(images: readonly ListedImage[]): readonly ImageLine[] {
  return linesOf(images, ({ origins, references }, { registry, repository }) =>
    toldOrigins(origins, references)
      .filter((one) => one.registry === registry && one.repository === repository)
      .flatMap(({ digest }) => digest ?? []),
  )
}

type FindDigests = (image: ListedImage, name: Reference) => readonly string[]

function linesOf(images: readonly ListedImage[], digestsOf: FindDigests): readonly ImageLine[] {
  return images.flatMap((image) => {
    const { imageId, sizeBytes, createdAtMs } = image
    const facts = { imageId, sizeBytes, createdAtMs }
    if (image.references.length === 0) return [{ ...facts, repository: NONE, tag: NONE, digest: NONE }]
    return image.references.flatMap((text) => {
      const reference = parseReference(text)
      const { tag = NONE } = reference
      const known = reference.digest === undefined ? digestsOf(image, reference) : [reference.digest]
      const repository = familiarRepository(reference)
      return (known.length === 0 ? [NONE] : known).map((digest) => ({ ...facts, repository, tag, digest }))
    })
  })
}

/** Keeps the lines that `REPOSITORY[:TAG]` names; `*` in it stands for anything but a slash. */
export function matchingLines(lines: readonly ImageLine[], pattern: string): readonly ImageLine[] {
  const familiar = pattern.includes('*') ? pattern : familiarName(parseReference(pattern))
  const wanted = pattern.includes(':') ? familiar : familiar.replace(/:latest$/, '')
  const glob = new RegExp(`^${wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`)
  return lines.filter(({ repository, tag }) => glob.test(repository) || glob.test(`${repository}:${tag}`))
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
