/**
 * Remembers a service field by field, so that a later plan can name the one that changed and not just that something did.
 * Labels are shown, and values may be secret: of those that could be there are digests only, of other short ones the value as well.
 */
import type { Labels } from '../driver/driver.ts'
import type { Service } from '../model/project.ts'
import { type FieldValue, tellable } from './field-values.ts'
import { shortDigest } from './short-digest.ts'

/** Ours, beside Docker Compose's: `image=1f0c9a2b:nginx;environment/TZ=77de21b0:UTC;cap_add=0b3c5d7e:,CHOWN,KILL`. */
export const FIELDS_LABEL = 'tscompose.fields'

export interface FieldChange {
  readonly path: readonly string[]
  readonly kind: 'changed' | 'added' | 'removed'
  /** What it was, where that was short and no secret. */
  readonly old?: FieldValue
}

/** Not part of what a container is: the same as in the config hash. */
const UNHASHED: ReadonlySet<string> = new Set(['build', 'pull_policy', 'scale', 'depends_on', 'profiles'])
/** Mappings in which users change single entries. */
const OPENED: ReadonlySet<string> = new Set([
  'environment',
  'labels',
  'networks',
  'deploy',
  'healthcheck',
  'sysctls',
  'ulimits',
])

export function writeFields(service: Service): string {
  return [...digestsOf(service)]
    .map(([path, digest]) => `${path}=${digest}${writeValue(tellableAt(service, readPath(path)))}`)
    .join(';')
}

/** A list has a comma before each entry, which a text never has. */
function writeValue(value: FieldValue | undefined): string {
  if (value === undefined) return ''
  return `:${typeof value === 'string' ? encodeURIComponent(value) : value.map((one) => `,${encodeURIComponent(one)}`).join('')}`
}

function readValue(text: string): FieldValue {
  return text.startsWith(',') ? text.slice(1).split(',').map(decodeURIComponent) : decodeURIComponent(text)
}

const readPath = (path: string): readonly string[] => path.split('/').map(decodeURIComponent)

/** What may be told of a field of the service. */
export function tellableAt(service: Service, path: readonly string[]): FieldValue | undefined {
  const value = path.reduce<unknown>(
    (inner, key) => (inner as Readonly<Record<string, unknown>> | null | undefined)?.[key],
    service,
  )
  return tellable(path, value)
}

/** Undefined where the container has no memory of its fields: Docker Compose made it. */
export function changedFields(labels: Labels, service: Service): readonly FieldChange[] | undefined {
  const label = labels[FIELDS_LABEL]
  if (label === undefined) return undefined
  const before = readFields(label)
  const now = digestsOf(service)
  const paths = [...new Set([...now.keys(), ...before.keys()])].sort(imageFirst)
  return paths.flatMap((path) => {
    const { digest, value } = before.get(path) ?? {}
    const kind = changeBetween(digest, now.get(path))
    const old = value !== undefined && { old: readValue(value) }
    return kind === undefined ? [] : [{ path: readPath(path), kind, ...old }]
  })
}

function changeBetween(before: string | undefined, now: string | undefined): FieldChange['kind'] | undefined {
  if (before === now) return undefined
  if (before === undefined) return 'added'
  return now === undefined ? 'removed' : 'changed'
}

function imageFirst(a: string, b: string): number {
  return Number(b === 'image') - Number(a === 'image') || (a < b ? -1 : 1)
}

interface Remembered {
  readonly digest?: string | undefined
  readonly value?: string | undefined
}

function readFields(label: string): ReadonlyMap<string, Remembered> {
  return new Map(
    label
      .split(';')
      .filter((part) => part !== '')
      .map((part) => {
        const [digest, value] = part.slice(part.lastIndexOf('=') + 1).split(':')
        return [part.slice(0, part.lastIndexOf('=')), { digest, value }]
      }),
  )
}

function digestsOf(service: Service): ReadonlyMap<string, string> {
  const digests = new Map<string, string>()
  for (const [key, value] of Object.entries(service)) {
    if (UNHASHED.has(key) || key.startsWith('x-') || value === undefined) continue
    for (const [path, inner] of entriesOf(key, value))
      digests.set(path.map(encodeURIComponent).join('/'), digestOf(inner))
  }
  digests.delete('deploy/replicas')
  return new Map([...digests].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function entriesOf(key: string, value: unknown): readonly (readonly [readonly string[], unknown])[] {
  if (!OPENED.has(key) || typeof value !== 'object' || value === null) return [[[key], value]]
  return Object.entries(value).map(([inner, innerValue]) => [[key, inner], innerValue] as const)
}

function digestOf(value: unknown): string {
  return shortDigest(JSON.stringify(sorted(value)) ?? '')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
