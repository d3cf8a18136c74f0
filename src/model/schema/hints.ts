/** What to write where the schema does not allow what is written. */
import { sprint } from '../go-format.ts'
import { didYouMean } from '../nearest.ts'
import { child, type Node } from '../tree/node.ts'
import { resolveSchema, type Schema, type Walk } from './schema-walk.ts'

export function describe(node: Node): string {
  if (node.kind === 'map') return 'a mapping'
  if (node.kind === 'list') return 'a list'
  if (node.value === null) return 'empty'
  if (typeof node.value === 'string') return `the text "${shorten(node.value)}"`
  return typeof node.value === 'boolean' ? `${node.value}` : `the number ${sprint(node)}`
}

export const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 37)}...` : text)

export function typeHint(node: Node, wanted: readonly string[]): string {
  if (node.kind === 'map')
    return wanted.includes('array') ? 'begin each entry with a dash: - ...' : 'write a single value'
  if (node.kind === 'list')
    return wanted.includes('object') ? 'write KEY: VALUE on each line, without a dash' : 'write a single value'
  if (node.value === null)
    return wanted.includes('object')
      ? 'write what belongs to it on the lines below, indented further'
      : 'write a value behind the colon, or remove the key'
  if (typeof node.value === 'string') return textHint(node.value, wanted)
  if (wanted.includes('string')) return `write it in quotes: "${sprint(node)}"`
  return scalarHint(wanted)
}

/** What was meant to be a mapping or a list, but is text for want of a space. */
function textHint(text: string, wanted: readonly string[]): string {
  if (wanted.includes('object') && /^[\w.-]+:\S/.test(text))
    return `write a space behind the colon: ${shorten(text.replace(':', ': '))}`
  if (wanted.includes('array') && /^-\S/.test(text)) return 'write a space behind each dash: - ...'
  if (wanted.includes('array')) return 'write a dash before it: - ...'
  return scalarHint(wanted)
}

function scalarHint(wanted: readonly string[]): string {
  if (wanted.includes('boolean')) return 'write true or false, without quotes'
  if (wanted.includes('number') || wanted.includes('integer')) return 'write a number, without quotes'
  if (wanted.includes('array')) return 'write a list: a dash before each entry'
  return 'write KEY: VALUE on the lines below, indented'
}

/** A pattern that is only a choice of words is told as one. */
export function patternHint(text: string, pattern: string): string {
  const words = pattern.split('|').filter((word) => /^[\w-]+$/.test(word))
  return didYouMean(text, words) ?? (words.length > 1 ? `it is one of ${words.join(', ')}` : `it must match ${pattern}`)
}

export const nameHint = (key: string): string =>
  /^[\w.-]+:\S/.test(key)
    ? `write a space behind the colon: ${shorten(key.replace(':', ': '))}`
    : 'use letters, digits, dots, dashes and underscores'

interface Neighbourhood {
  readonly properties: Readonly<Record<string, Schema>>
  readonly walk: Walk
}

/** Where a key belongs that is known elsewhere, or the name that was meant, or the names there are. */
export function keyHint(key: string, value: Node, { properties, walk }: Neighbourhood): string {
  if (/^[^\S \t]/.test(key)) return 'the line begins with a character that looks like a space: write ordinary ones'
  const names = Object.keys(properties)
  const nearest = didYouMean(key, names)
  if (nearest !== undefined) return nearest
  const home = homeOf(key, value, { properties, walk })
  if (home !== undefined) return home
  return names.length <= 8 ? `there are: ${names.join(', ')}` : 'a key of your own starts with "x-"'
}

function homeOf(key: string, value: Node, { properties, walk }: Neighbourhood): string | undefined {
  const isRoot = walk.up === undefined
  const service = walk.definitions.service?.properties ?? {}
  if (isRoot && (Object.hasOwn(service, key) || key === 'environment'))
    return `"${key}" belongs to a service: indent it below one`
  if (isRoot && (child(value, 'image') || child(value, 'build'))) return 'a service stands below "services:"'
  const path = pathTo(key, properties, walk)
  return path === undefined ? undefined : `write it below "${path.join('.')}"`
}

/** How deep below a mapping a key may be that was written too far out. */
const DEEPEST = 3

/** The nearest mapping further in that has the key. */
function pathTo(key: string, properties: Readonly<Record<string, Schema>>, walk: Walk): readonly string[] | undefined {
  let level: readonly (readonly [readonly string[], Schema])[] = Object.entries(properties).map(([name, schema]) => [
    [name],
    schema,
  ])
  for (let depth = 0; depth < DEEPEST; depth++) {
    const inner = level.map(([path, schema]) => [path, propertiesOf(schema, walk)] as const)
    const found = inner.find(([, own]) => Object.hasOwn(own, key))
    if (found) return found[0]
    level = inner.flatMap(([path, own]) =>
      Object.entries(own).map(([name, schema]) => [[...path, name], schema] as const),
    )
  }
  return undefined
}

function propertiesOf(schema: Schema, walk: Walk): Readonly<Record<string, Schema>> {
  const { properties, oneOf = [] } = resolveSchema(schema, walk.definitions)
  return properties ?? Object.assign({}, ...oneOf.map((one) => resolveSchema(one, walk.definitions).properties ?? {}))
}
