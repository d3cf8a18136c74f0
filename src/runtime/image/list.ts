/** All images of the store, each with its names: for `image ls` and for removal. Reads only. */
import { createdAtMs, openImage, type StoredImage } from './find.ts'
import { toldOrigins } from './origins.ts'
import { familiarName, familiarRepository, parseReference, type Reference } from './reference.ts'
import { type ImageStore, readIndex } from './store.ts'

/** Newest first, as in Docker. */
export function listImages(store: ImageStore): readonly StoredImage[] {
  const entries = readIndex(store)
  const first = new Map(entries.map((entry) => [entry.imageId, entry]))
  const images = [...first.values()].map((entry) => openImage(store, entries, entry))
  return images.sort((a, b) => createdAtMs(b.document) - createdAtMs(a.document) || order(a.imageId, b.imageId))
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

export function imageLines(images: readonly StoredImage[]): readonly ImageLine[] {
  return linesOf(images, () => [])
}

/** A name stands once for each digest that its repository knows the image by. */
export function imageLinesWithDigests(images: readonly StoredImage[]): readonly ImageLine[] {
  return linesOf(images, ({ origins, references }, { registry, repository }) =>
    toldOrigins(origins, references)
      .filter((one) => one.registry === registry && one.repository === repository)
      .flatMap(({ digest }) => digest ?? []),
  )
}

type FindDigests = (image: StoredImage, name: Reference) => readonly string[]

function linesOf(images: readonly StoredImage[], digestsOf: FindDigests): readonly ImageLine[] {
  return images.flatMap((image) => {
    const { imageId, sizeBytes } = image
    const facts = { imageId, sizeBytes, createdAtMs: createdAtMs(image.document) }
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
