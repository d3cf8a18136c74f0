/** Canonical nodes to the frozen data of project.ts, by the tables of shape.ts: units, numbers and lists read, zero values left out. */
import { grow } from './extent.ts'
import { type Findings, report, warn } from './findings.ts'
import { shortFloat32, sprint } from './go-format.ts'
import { about } from './provenance.ts'
import { readFloat } from './read-float.ts'
import { ENV_FILE, type Field, type Shape, type Type, ULIMIT } from './shape.ts'
import { splitCommand } from './short/command.ts'
import { hostLines } from './short/host.ts'
import type { Line } from './short/line.ts'
import { sshLines } from './short/ssh.ts'
import type { MapNode, Node, ScalarNode } from './tree/node.ts'
import { toPlain } from './tree/plain.ts'
import { canonicalDuration, parseBytes } from './units.ts'

export type Value = unknown

/** An element by its shape; undefined for null. */
export function decodeStruct(
  node: Node | undefined,
  shape: Shape,
  findings: Findings,
): Readonly<Record<string, Value>> {
  const result: Record<string, Value> = {}
  if (node?.kind !== 'map') return Object.freeze(result)
  for (const field of shape.fields) {
    const entry = node.entries.get(field.key)
    const value = entry ? decodeField(entry.value, field, findings) : absent(field)
    if (value !== undefined) result[field.key] = value
  }
  if (shape.extensible) copyExtensions(node, result)
  return Object.freeze(result)
}

function copyExtensions(node: MapNode, result: Record<string, Value>): void {
  node.entries.forEach((entry, key) => {
    if (key.startsWith('x-') && key !== SECRET_VALUE) result[key] = deepFreeze(toPlain(entry.value))
  })
}

/** Where normalise.ts keeps the content of a secret that comes from the environment. */
export const SECRET_VALUE = 'x-#value'

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}

function decodeField(node: Node, { type, always }: Field, findings: Findings): Value {
  const value = decode(node, type, findings)
  if (always === 'both') return value ?? ZEROES[type.kind]
  return isZero(value, type) ? undefined : value
}

/** What stands for an attribute that is printed always. */
const absent = ({ type, always }: Field): Value => (always === 'both' ? ZEROES[type.kind] : undefined)

const ZEROES: Readonly<Partial<Record<Type['kind'], Value>>> = { string: '', bytes: '0', int: 0, uint: 0, bool: false }

/** What Docker Compose leaves out: unset, and zero where unset is not something else. */
function isZero(value: Value, type: Type): boolean {
  if (value === undefined || value === null) return true
  if ('optional' in type && type.optional) return false
  if (type.kind === 'struct') return type.inline && Object.keys(value).length === 0
  if (type.kind === 'command' || type.kind === 'hosts') return false
  if (value === false || value === 0 || value === '' || value === '0s') return true
  if (type.kind === 'bytes') return value === '0'
  return typeof value === 'object' && Object.keys(value).length === 0
}

function decode(node: Node, type: Type, findings: Findings): Value {
  switch (type.kind) {
    case 'struct':
      return node.kind === 'map' ? decodeStruct(node, type.shape, findings) : undefined
    case 'structs':
      return node.kind === 'list'
        ? Object.freeze(node.items.map((item) => decodeStruct(item, type.shape, findings)))
        : undefined
    case 'map':
      return decodeMap(node, type, findings)
    case 'environment':
      return decodePairs(node, findings, null)
    case 'mapping':
      return decodePairs(node, findings, '')
    default:
      return SIMPLE[type.kind](node, findings)
  }
}

function decodeMap(node: Node, { shape, nullable }: Type & { kind: 'map' }, findings: Findings): Value {
  if (node.kind !== 'map') return undefined
  const result: Record<string, Value> = Object.create(null)
  for (const [key, { value }] of node.entries) {
    result[key] = nullable && value.kind !== 'map' ? null : decodeStruct(value, shape, findings)
  }
  return Object.freeze(result)
}

/** `KEY=value` items or a mapping; `unset` stands for a key without value. */
function decodePairs(node: Node, findings: Findings, unset: string | null): Value {
  const result: Record<string, string | null> = Object.create(null)
  if (node.kind === 'map')
    node.entries.forEach(({ value }, key) => {
      result[key] = pairValue(value, unset)
    })
  else if (node.kind === 'list') for (const item of node.items) decodePair(item, result, { findings, unset })
  return Object.freeze(result)
}

const pairValue = (value: Node, unset: string | null): string | null =>
  value.kind !== 'scalar' || value.value === null ? unset : sprint(value)

interface PairContext {
  readonly findings: Findings
  readonly unset: string | null
}

function decodePair(item: Node, result: Record<string, string | null>, { findings, unset }: PairContext): void {
  const pair = item.kind === 'scalar' ? sprint(item) : ''
  const equals = pair.indexOf('=')
  const key = equals < 0 ? pair : pair.slice(0, equals)
  if (unset === null && /[\t-\r \u0085\u00A0]$/.test(key)) {
    report(findings, {
      code: 'trailing-space',
      message: `the name of the variable "${key}" ends with a space`,
      hint: 'remove the space before the equals sign',
      ...about(item),
    })
  }
  result[key] = equals < 0 ? unset : pair.slice(equals + 1)
}

type Decoder = (node: Node, findings: Findings) => Value

/** `wanted` says what it has to be, `example` what to write. */
const wrongType = (node: Node, findings: Findings, [wanted, example]: readonly [string, string]): undefined => {
  const shown = node.kind === 'scalar' ? `"${sprint(node)}"` : 'a collection'
  report(findings, {
    code: 'wrong-type',
    message: `${shown} is not ${wanted}`,
    hint: `write ${example}`,
    ...about(node),
  })
  return undefined
}

const BOOLEAN = ['true or false', 'true or false'] as const
const INTEGER = ['a whole number', 'digits only, such as 2'] as const
const COUNT = ['a whole number of 0 or more', 'digits only, such as 2, without quotes'] as const
const TEXT = ['text', 'it in quotes'] as const
const NUMBER = ['a number', 'a number such as 0.5'] as const
const SIZE = ['a size', '512m, 1.5gb or a number of bytes'] as const
const DURATION = ['a duration', '90s, 1m30s or 500ms'] as const
const MODE = ['a file mode', 'an octal number such as 0440'] as const

const decodeString: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  return isFloat(node) ? wrongType(node, findings, TEXT) : sprint(node)
}

const isFloat = ({ value, type }: ScalarNode): boolean =>
  type === 'float' || (typeof value === 'number' && !Number.isInteger(value))

const decodeBool: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  if (typeof node.value === 'boolean') return node.value
  const word = sprint(node).toLowerCase()
  if (['true', 'y', 'yes', 'on'].includes(word)) return true
  return ['false', 'n', 'no', 'off'].includes(word) ? false : wrongType(node, findings, BOOLEAN)
}

const decodeInt: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  if (typeof node.value === 'number') return Math.trunc(node.value)
  if (typeof node.value === 'bigint') return Number(node.value)
  const digits = sprint(node)
  return /^[-+]?\d+$/.test(digits) ? Number(digits) : wrongType(node, findings, INTEGER)
}

/** Text counts as a number only where interpolation has made it one. */
const decodeUint: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  if (typeof node.value !== 'string' && Number(node.value) >= 0) return decodeInt(node, findings)
  return wrongType(node, findings, COUNT)
}

const decodeFloat32: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  const number = typeof node.value === 'string' ? readFloat(node.value) : Number(node.value)
  return number === undefined || Number.isNaN(number) ? wrongType(node, findings, NUMBER) : shortFloat32(number)
}

/** No machine counts further. */
const LARGEST_SIZE = 2 ** 63

const decodeBytes: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  if (isFloat(node)) {
    const message = `${sprint(node)} is not a size: sizes are whole numbers, or text with a unit`
    warn(findings, { code: 'ignored-size', message, hint: 'write it in quotes, as "1.5g"', at: node.at })
    return undefined
  }
  if (typeof node.value === 'number' || typeof node.value === 'bigint') return String(node.value)
  const bytes = parseBytes(sprint(node))
  return bytes === undefined || bytes >= LARGEST_SIZE ? wrongType(node, findings, SIZE) : String(BigInt(bytes))
}

const decodeDuration: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  return canonicalDuration(sprint(node)) ?? wrongType(node, findings, DURATION)
}

const decodeMode: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  if (typeof node.value === 'number' && node.type !== 'float') return `0${node.value.toString(8)}`
  const digits = sprint(node)
  return /^[0-7]+$/.test(digits) ? `0${Number.parseInt(digits, 8).toString(8)}` : wrongType(node, findings, MODE)
}

const decodeStrings: Decoder = (node, findings) => {
  if (node.kind === 'scalar') return node.value === null ? undefined : Object.freeze([sprint(node)])
  if (node.kind !== 'list') return undefined
  for (const item of node.items) if (isFraction(item)) wrongType(item, findings, TEXT)
  return Object.freeze(node.items.map((item) => (item.kind === 'scalar' ? sprint(item) : '')))
}

const isFraction = (node: Node): boolean => node.kind === 'scalar' && isFloat(node)

/** A mapping to text or whole numbers, and to nothing else. */
const decodeTexts: Decoder = (node, findings) => {
  if (node.kind !== 'map') return undefined
  for (const { value } of node.entries.values()) {
    if (value.kind !== 'scalar' || typeof value.value === 'boolean' || isFraction(value))
      wrongType(value, findings, TEXT)
  }
  return decodePairs(node, findings, '')
}

const decodeCommand: Decoder = (node, findings) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return decodeStrings(node, findings)
  const words = splitCommand(node.value)
  if (words) {
    grow(findings, { values: words.length }, node.at)
    return Object.freeze(words)
  }
  report(findings, {
    code: 'bad-command',
    message: `the command "${node.value}" has an open quote`,
    hint: 'close the quote, or write the command as a list',
    ...about(node),
  })
  return undefined
}

const decodeTest: Decoder = (node, findings) =>
  node.kind === 'scalar' && node.value !== null
    ? Object.freeze(['CMD-SHELL', sprint(node)])
    : decodeStrings(node, findings)

const decodeOptions: Decoder = (node) => {
  const result: Record<string, Value> = Object.create(null)
  if (node.kind !== 'map') return undefined
  for (const [key, { value }] of node.entries) {
    const items = value.kind === 'list' ? value.items : [value]
    result[key] = Object.freeze(items.map((item) => (item.kind === 'scalar' ? sprint(item) : '')))
  }
  return Object.freeze(result)
}

const textsOf = (lines: readonly Line[] | undefined): Value => lines && Object.freeze(lines.map(({ text }) => text))

const decodeUlimits: Decoder = (node, findings) => {
  if (node.kind !== 'map') return undefined
  const result: Record<string, Value> = Object.create(null)
  for (const [key, { value }] of node.entries) {
    result[key] = value.kind === 'map' ? decodeStruct(value, ULIMIT, findings) : decodeInt(value, findings)
  }
  return Object.freeze(result)
}

const decodeEnvFiles: Decoder = (node, findings) =>
  node.kind === 'list' ? Object.freeze(node.items.map((item) => decodeStruct(item, ENV_FILE, findings))) : undefined

const decodeCount: Decoder = (node, findings) => {
  const all = node.kind === 'scalar' && typeof node.value === 'string' && node.value.toLowerCase() === 'all'
  return all ? -1 : decodeInt(node, findings)
}

const SIMPLE: Readonly<
  Record<Exclude<Type['kind'], 'struct' | 'structs' | 'map' | 'environment' | 'mapping'>, Decoder>
> = {
  string: decodeString,
  bool: decodeBool,
  int: decodeInt,
  uint: decodeUint,
  float32: decodeFloat32,
  cpus: decodeFloat32,
  bytes: decodeBytes,
  duration: decodeDuration,
  mode: decodeMode,
  strings: decodeStrings,
  texts: decodeTexts,
  command: decodeCommand,
  test: decodeTest,
  options: decodeOptions,
  hosts: (node, findings) => textsOf(hostLines(node, findings)),
  ssh: (node) => textsOf(sshLines(node)),
  ulimits: decodeUlimits,
  count: decodeCount,
  envFiles: decodeEnvFiles,
}
