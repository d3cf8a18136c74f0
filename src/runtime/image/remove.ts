/** `image rm` and `image prune`: names go first, then images without names, then content that no image names. */
import { DriverError, type DriverErrorCode } from '../../driver/driver.ts'
import { findEntry, refuseMissing } from './find.ts'
import { familiarName, fullName, parseReference, tryParseReference } from './reference.ts'
import { changeIndex, type ImageStore, type IndexEntry } from './store.ts'
import { sweepContent } from './sweep.ts'

export type RemovalEvent =
  | { readonly kind: 'untagged'; readonly reference: string }
  | { readonly kind: 'deleted'; readonly imageId: string }

export interface RemoveOptions {
  /** Takes the names away even from an image that several have or that a stopped container uses. */
  readonly force: boolean
  /** Images of existing containers: these stay, with or without a name. */
  readonly usedImageIds: ReadonlySet<string>
}

export async function removeImage(
  store: ImageStore,
  text: string,
  options: RemoveOptions & { readonly signal: AbortSignal },
): Promise<readonly RemovalEvent[]> {
  const events = await changeIndex(
    store,
    (entries) => {
      const entry = findEntry(entries, text) ?? refuseMissing(text)
      const result = removalOf(entries, entry, { ...options, byName: isNameOf(entry, text) })
      return { entries: after(entries, result), result }
    },
    options.signal,
  )
  await sweepContent(store, options.signal)
  return events
}

/** Removes images without a name; with `all`, also named ones that no container uses. */
export async function pruneImages(
  store: ImageStore,
  options: { readonly all: boolean; readonly usedImageIds: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<{ readonly events: readonly RemovalEvent[]; readonly reclaimedBytes: number }> {
  const events = await changeIndex(
    store,
    (entries) => {
      const free = entries.filter(({ imageId }) => !options.usedImageIds.has(imageId))
      const named = new Set(entries.flatMap(({ reference, imageId }) => (reference === undefined ? [] : [imageId])))
      const removed = free.filter(({ imageId }) => options.all || !named.has(imageId))
      const result = removed.flatMap((entry) => [...untagged(entry), ...deleted(removed, entry)])
      return { entries: removed.length === 0 ? entries : entries.filter((one) => !removed.includes(one)), result }
    },
    signal,
  )
  return { events, reclaimedBytes: await sweepContent(store, signal) }
}

function removalOf(
  entries: readonly IndexEntry[],
  entry: IndexEntry,
  options: RemoveOptions & { readonly byName: boolean },
): readonly RemovalEvent[] {
  const same = entries.filter(({ imageId }) => imageId === entry.imageId)
  const names = same.flatMap(({ reference }) => (reference === undefined ? [] : [reference]))
  const used = options.usedImageIds.has(entry.imageId)
  if (options.byName && names.length > 1) return untagged(entry)
  if (!options.byName && names.length > 1 && !options.force) {
    throw refusal('refused', entry, ['it has several names', 'name one of them, or add --force to remove all'])
  }
  if (used && !options.force)
    throw refusal('image-in-use', entry, ['a container uses it', 'remove the container first'])
  const gone = same.flatMap(untagged)
  return used ? gone : [...gone, { kind: 'deleted', imageId: entry.imageId }]
}

/** The index without what the events say; a used image stays without its names. */
function after(entries: readonly IndexEntry[], events: readonly RemovalEvent[]): readonly IndexEntry[] {
  const gone = new Set(events.map((event) => (event.kind === 'deleted' ? event.imageId : event.reference)))
  const left = entries.filter(
    ({ imageId, reference }) => !gone.has(imageId) && !(reference !== undefined && gone.has(familiar(reference))),
  )
  const lost = entries.find(({ imageId }) => !gone.has(imageId) && !left.some((one) => one.imageId === imageId))
  if (lost === undefined) return left
  const { reference: _lost, ...nameless } = lost
  return [...left, nameless]
}

function untagged({ reference }: IndexEntry): readonly RemovalEvent[] {
  return reference === undefined ? [] : [{ kind: 'untagged', reference: familiar(reference) }]
}

/** Once for each image: at its last entry. */
function deleted(removed: readonly IndexEntry[], entry: IndexEntry): readonly RemovalEvent[] {
  const last = removed.findLast(({ imageId }) => imageId === entry.imageId)
  return last === entry ? [{ kind: 'deleted', imageId: entry.imageId }] : []
}

function isNameOf(entry: IndexEntry, text: string): boolean {
  const reference = tryParseReference(text)
  return reference !== undefined && fullName(reference) === entry.reference
}

function familiar(reference: string): string {
  return familiarName(parseReference(reference))
}

function refusal(
  code: DriverErrorCode,
  entry: IndexEntry,
  [why, hint]: readonly [why: string, hint: string],
): DriverError {
  const name = entry.reference === undefined ? entry.imageId.slice(7, 19) : familiar(entry.reference)
  return new DriverError(code, `image "${name}" can't be removed: ${why}`, { hint })
}
