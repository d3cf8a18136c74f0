/** Scalars with a tag of YAML's own: `!!str 12`, `!!int "12"`, `!!binary aGk=`. */
import { type Findings, report } from '../findings.ts'
import type { Origin } from '../tree/node.ts'
import { type Resolved, resolveNumber, resolvePlain } from './scalar.ts'

export function resolveTagged(tag: string, source: string, findings: Findings, at: Origin | undefined): Resolved {
  const resolved = CONVERSIONS.get(tag)?.(source)
  if (resolved) return resolved
  if (!CONVERSIONS.has(tag)) return { value: source }
  report(findings, {
    code: 'yaml-tag',
    message: `"${source}" can't be read as "!!${tag}"`,
    hint: `remove the tag, or change the value`,
    at,
  })
  return { value: source }
}

const CONVERSIONS: ReadonlyMap<string, (source: string) => Resolved | undefined> = new Map<
  string,
  (source: string) => Resolved | undefined
>([
  ['str', (source: string) => ({ value: source })],
  ['int', (source: string) => onlyIf(resolveNumber(source), (it) => it.type === undefined)],
  ['float', toFloat],
  ['bool', (source: string) => onlyIf(resolvePlain(source), (it) => typeof it.value === 'boolean')],
  ['null', (source: string) => onlyIf(resolvePlain(source), (it) => it.value === null)],
  ['timestamp', (source: string) => onlyIf(resolvePlain(source), (it) => it.type === 'timestamp')],
  ['binary', fromBase64],
])

const onlyIf = (resolved: Resolved | undefined, holds: (it: Resolved) => boolean): Resolved | undefined =>
  resolved && holds(resolved) ? resolved : undefined

function toFloat(source: string): Resolved | undefined {
  const number = resolveNumber(source) ?? resolvePlain(source)
  if (typeof number.value === 'string' || number.value === null || typeof number.value === 'boolean') return undefined
  return { value: Number(number.value), type: 'float' }
}

function fromBase64(source: string): Resolved | undefined {
  const packed = source.replace(/[\r\n]+/g, '')
  if (packed.length % 4 !== 0 || !/^[A-Za-z\d+/]*={0,2}$/.test(packed)) return undefined
  const unpacked = atob(packed)
  const bytes = new Uint8Array(unpacked.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = unpacked.charCodeAt(at)
  return { value: new TextDecoder().decode(bytes) }
}
