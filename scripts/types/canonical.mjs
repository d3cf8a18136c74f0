// The types of a canonical project, from the shapes that decode, print and hash it.
import { TYPES } from './attributes.mjs'
import { attributeComment, describe, describeType, typeComment } from './comment.mjs'
import { findPlaces, typeBelow } from './places.mjs'
import { isExtensible, resolve } from './schema.mjs'

const STRINGS = 'readonly string[]'

/** What a kind of the shape is in TypeScript, with the unit of its values and the form they are in, where they have one. */
const KINDS = {
  string: ['string'],
  bool: ['boolean'],
  int: ['number'],
  uint: ['number'],
  count: ['number'],
  float32: ['number'],
  cpus: ['number'],
  bytes: ['Bytes', 'bytes', 'decimal digits'],
  duration: ['Duration', undefined, 'a Go duration such as `1m30s`'],
  mode: ['FileMode', undefined, 'octal digits with a leading zero: `0440`'],
  strings: [STRINGS],
  command: [STRINGS],
  test: [STRINGS],
  hosts: [STRINGS, undefined, '`HOST=ADDRESS`, sorted'],
  ssh: [STRINGS, undefined, '`ID` or `ID=PATH`, sorted'],
  mapping: ['Readonly<Record<string, string>>'],
  texts: ['Readonly<Record<string, string>>'],
  environment: ['Readonly<Record<string, string | null>>'],
  options: [`Readonly<Record<string, ${STRINGS}>>`],
}

const HEAD = `
/** The elements of a canonical project. An attribute that is absent was not said, or is what it is by default. */
import type { Bytes, Duration, Extensible, FileMode } from './value-forms.ts'
`

export async function canonicalTypes(schema, root) {
  const places = await findPlaces(schema, root)
  for (const name of Object.keys(TYPES)) if (!places.has(name)) throw new Error(`no shape is called "${name}"`)
  return `${HEAD}${[...places.values()].map((place) => `\n${printType(place, schema)}`).join('')}`
}

function printType(place, schema) {
  const { name, shape, objects } = place
  const type = TYPES[name]
  for (const key of Object.keys(type.attributes))
    if (!shape.fields.some((field) => field.key === key)) throw new Error(`the shape of "${name}" has no "${key}"`)
  const head = typeComment(describeType(type))
  const body = shape.fields.map((field) => printField(field, place, schema)).join('')
  if (type.or) return `${head}export type ${name} = ${type.or} | {\n${body}}\n`
  const extended = shape.extensible && objects.every(isExtensible) ? ' extends Extensible' : ''
  return `${head}export interface ${name}${extended} {\n${body}}\n`
}

function printField({ key, type }, { name, objects }, schema) {
  if (!TYPES[name].attributes[key]) throw new Error(`scripts/types/attributes says nothing of "${name}.${key}"`)
  const attribute = describe(TYPES[name], key)
  const [, unit, form] = KINDS[type.kind] ?? []
  const written = objects.flatMap((object) => object.properties[key] ?? [])
  const printed = printAttribute({ key, type }, attribute, { name, words: literals(written, schema) })
  return `${attributeComment(attribute, { unit, form, indent: '  ' })}  readonly ${key}${attribute.required ? '' : '?'}: ${printed}\n`
}

function printAttribute({ key, type }, attribute, { name, words }) {
  if (type.kind === 'string') return words ?? 'string'
  // Docker Compose reads some amounts as it reads sizes, though they are none.
  return type.kind === 'bytes' && attribute.unit ? 'string' : printKind(type, name, key)
}

function printKind(type, name, key) {
  switch (type.kind) {
    case 'struct':
      return typeBelow(name, key)
    case 'structs':
    case 'envFiles':
      return `readonly ${typeBelow(name, key)}[]`
    case 'map':
      return `Readonly<Record<string, ${typeBelow(name, key)}${type.nullable ? ' | null' : ''}>>`
    case 'ulimits':
      return `Readonly<Record<string, ${typeBelow(name, key)}>>`
    default:
      if (!KINDS[type.kind]) throw new Error(`"${type.kind}" is a new kind of the shape: say what it is in TypeScript`)
      return KINDS[type.kind][0]
  }
}

/** The few words that the schema allows, where it allows only a few. */
function literals(written, schema) {
  const words = written.map((one) => resolve(schema, one).enum)
  if (words.length === 0 || words.some((one) => one === undefined)) return undefined
  return [...new Set(words.flat())].map((word) => `'${word}'`).join(' | ')
}
