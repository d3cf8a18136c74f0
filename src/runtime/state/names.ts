/**
 * Names that only one thing of a kind can have: `names/KIND/NAME` is a file that holds the id. Callers hold the kind's
 * lock while they change names; readers need none.
 */
import { existsSync, lstatSync, mkdirSync } from 'node:fs'
import { DriverError } from '../../driver/driver.ts'
import { listNames, readUndamaged, removeIfThere, replaceTextBy } from './record-file.ts'

export interface NameIndex<Holder> {
  readonly directory: string
  /** What has the id, if it still exists under that name: a command that was killed may have left the name behind. */
  readonly holder: (id: string, name: string) => Holder | undefined
}

/** What has the name. */
export function findByName<Holder>(index: NameIndex<Holder>, name: string): Holder | undefined {
  const id = readId(namePath(index, name))
  return id === undefined ? undefined : index.holder(id, name)
}

/** Undefined when there is none. What is damaged names nothing, and above all no path that leads elsewhere. */
function readId(path: string): string | undefined {
  try {
    const id = readUndamaged(path)?.trim()
    return id !== undefined && /^[\w-]+$/.test(id) ? id : undefined
  } catch (error) {
    if (error instanceof DriverError) return undefined
    throw error
  }
}

/**
 * Gives the name to what has the id, and is or will be in that directory. The caller has asked `findByName` under the same lock. What a
 * killed command has left goes with the directory.
 */
export function claimName(
  index: NameIndex<unknown>,
  name: string,
  owner: { readonly id: string; readonly directory: string },
): void {
  if (!existsSync(index.directory)) mkdirSync(index.directory, { recursive: true, mode: 0o700 })
  if (lstatSync(namePath(index, name), { throwIfNoEntry: false })?.isDirectory()) releaseName(index, name)
  replaceTextBy(owner.directory, namePath(index, name), `${owner.id}\n`)
}

export function releaseName(index: NameIndex<unknown>, name: string): void {
  removeIfThere(namePath(index, name))
}

/** Takes the name from `id`, and from nobody else. */
export function releaseOwnName(index: NameIndex<unknown>, name: string, id: string): void {
  if (readId(namePath(index, name)) === id) releaseName(index, name)
}

/** Names of what is not there. The caller holds the kind's lock, under which names and things come together. */
export function sweepNames(index: NameIndex<unknown>): void {
  for (const name of listNames(index.directory)) {
    if (findByName(index, name) === undefined) releaseName(index, name)
  }
}

function namePath(index: NameIndex<unknown>, name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return `${index.directory}/${name}`
  throw new DriverError(
    'refused',
    `the name "${name}" may hold only letters, digits, "_", "." and "-", and starts with a letter or digit`,
  )
}
