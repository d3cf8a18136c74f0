// The type of a Compose file as it may be written, from the schema.
import { FILE_TYPES, TYPES } from './attributes.mjs'
import { attributeComment, describe, describeType, typeComment } from './comment.mjs'
import { findPlaces } from './places.mjs'
import { definitionName, isExtensible, resolve, userKeyed } from './schema.mjs'

/** How values of a kind are written, where the type alone does not tell. */
const WRITTEN = {
  bytes: 'a number of bytes, or a text such as `512m`',
  duration: 'a duration such as `1m30s`',
  mode: 'octal digits: `0440`',
  hosts: '`HOST=ADDRESS`, or a mapping',
  ssh: '`ID` or `ID=PATH`',
}

const HEAD = `
/** A Compose file as it may be written, in short forms and long ones. What it means is a Project. */
import type { Extensible } from './value-forms.ts'
`

export async function inputTypes(schema, root) {
  const context = { schema, places: await findPlaces(schema, root) }
  const named = Object.entries(schema.$defs).filter(([name, { properties }]) => properties && isReferred(schema, name))
  const types = [['ComposeFile', schema], ...named.map(([name, object]) => [inputName(name), object])]
  return `${HEAD}${types.map(([name, object]) => `\n${printInterface(name, object, context)}`).join('')}`
}

const isReferred = (schema, name) => JSON.stringify(schema).includes(`"$ref":"#/$defs/${name}"`)

const inputName = (definition) => `${definition.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase())}Input`

function printInterface(name, object, context) {
  const owner = ownerOf(object, undefined, context)
  const extended = isExtensible(object) ? ' extends Extensible' : ''
  return `${typeComment(describeType(owner.type))}export interface ${name}${extended} ${members(object, { owner, indent: '', context })}\n`
}

/** Whose attributes an object's are: what to say of each, and how it is read. */
function ownerOf(object, key, { schema, places }) {
  const place = [...places.values()].find(({ objects }) => objects.includes(object))
  if (place) return { type: TYPES[place.name], fields: place.shape.fields }
  const name = object === schema ? 'ComposeFile' : { include: 'Include', external: 'External' }[key]
  if (!name) throw new Error(`the schema has an object below "${key}" that scripts/types/attributes knows nothing of`)
  return { type: FILE_TYPES[name], fields: [] }
}

function members(object, { owner, indent, context }) {
  const inside = `${indent}  `
  const lines = Object.entries(object.properties).map(([key, value]) => {
    const mark = object.required?.includes(key) ? '' : '?'
    const kind = owner.fields.find((field) => field.key === key)?.type.kind
    const attribute = attributeOf(owner, key)
    const form = attribute.unit ? undefined : WRITTEN[kind]
    const head = attributeComment(attribute, { form, indent: inside })
    return `${head}${inside}readonly ${key}${mark}: ${printValue(value, { key, indent: inside, context })}\n`
  })
  return `{\n${lines.join('')}${indent}}`
}

function attributeOf({ type }, key) {
  const known = type.attributes[key] ? type : FILE_TYPES.FileOnly
  if (!known.attributes[key]) throw new Error(`scripts/types/attributes says nothing of "${key}" of a file`)
  return { ...describe(known, key), loaded: undefined }
}

/** A value as TypeScript: a reference to an object has a name, everything else is written out. */
function printValue(value, where) {
  return [...new Set(alternatives(value, where))].join(' | ')
}

function alternatives(value, where) {
  const { schema } = where.context
  const found = resolve(schema, value)
  if (found.oneOf) return found.oneOf.flatMap((one) => alternatives(one, where))
  if (found.enum) return found.enum.map((word) => `'${word}'`)
  const name = value.$ref && found.properties ? inputName(definitionName(value.$ref)) : undefined
  return [found.type].flat().map((type) => {
    if (type === 'object') return name ?? printObject(found, where)
    if (type === 'array') return `readonly ${bracketed(printValue(found.items, where))}[]`
    return type === 'integer' ? 'number' : type
  })
}

function printObject(object, where) {
  if (object.properties) {
    const owner = ownerOf(object, where.key, where.context)
    return `${isExtensible(object) ? 'Extensible & ' : ''}${members(object, { ...where, owner })}`
  }
  const values = userKeyed(object).map((value) => printValue(value, where))
  return `Readonly<Record<string, ${values[0] ?? 'unknown'}>>`
}

const bracketed = (type) => (/[|&]/.test(type) ? `(${type})` : type)
