/** The verdicts of our walk along the schema are those of ajv, on the golden cases and on many small mistakes made in them. */
import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { noFindings } from '../../src/model/findings.ts'
import { faultsOf } from '../../src/model/schema/explain.ts'
import { composeSchema } from '../../src/model/schema/schema-of.ts'
import type { Node } from '../../src/model/tree/node.ts'
import { toPlain } from '../../src/model/tree/plain.ts'
import { parseYaml } from '../../src/model/yaml/parse.ts'

const written = JSON.parse(readFileSync(new URL('../../schemas/compose.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: false, validateFormats: false }).compile(written)
const schema = composeSchema()

const goldens = new URL('../golden/model/', import.meta.url)
const documents = readdirSync(goldens)
  .flatMap((name) => readdirSync(new URL(`${name}/`, goldens)).map((file) => new URL(`${name}/${file}`, goldens)))
  .filter((file) => /compose.*\.yaml$/.test(file.pathname))
  .map((file) => readFileSync(file, 'utf8'))

test('every keyword of the schema is one the walk knows', () => {
  expect([...keywordsOf(written)].sort()).toEqual(KNOWN)
})

const KNOWN = [
  '$defs',
  '$id',
  '$ref',
  '$schema',
  'additionalProperties',
  'default',
  'deprecated',
  'description',
  'enum',
  'items',
  'maximum',
  'minimum',
  'oneOf',
  'pattern',
  'patternProperties',
  'properties',
  'required',
  'title',
  'type',
  'uniqueItems',
]

test('golden files are judged as ajv judges them', () => {
  const judged = documents.flatMap((text) => both(text) ?? [])
  expect(judged.length).toBeGreaterThan(20)
  for (const { text, ours, theirs } of judged) expect(ours, text).toBe(theirs)
})

test('a value of another type in any place is judged as ajv judges it', () => {
  let refused = 0
  for (const text of documents) {
    for (const changed of spoilt(text)) {
      const verdict = both(changed)
      if (!verdict) continue
      expect(verdict.ours, changed).toBe(verdict.theirs)
      if (!verdict.theirs) refused++
    }
  }
  expect(refused).toBeGreaterThan(500)
})

/** Undefined where the text is not YAML. */
function both(text: string): { text: string; ours: boolean; theirs: boolean } | undefined {
  const node = ownNode(text)
  return node && { text, ours: faultsOf(node, schema).length === 0, theirs: ajv(numbers(toPlain(node))) }
}

/** ajv does not know big integers for numbers. */
const numbers = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? Number(inner) : inner)))

function ownNode(text: string): Node | undefined {
  try {
    return parseYaml({ name: 'compose.yaml', path: '/compose.yaml', text }, noFindings())[0]?.root
  } catch {
    return undefined
  }
}

/** The text with the value of one line after the other replaced by something of another kind. */
function* spoilt(text: string): Generator<string> {
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    for (const value of ['{unknown: key}', '[a, a]', '7', 'text', 'true', '~', '-1.5']) {
      const changed = line.replace(/: .*$/, `: ${value}`)
      if (changed !== line) yield [...lines.slice(0, index), changed, ...lines.slice(index + 1)].join('\n')
    }
    yield [...lines.slice(0, index), line.replace(/(\w+):/, '$1x:'), ...lines.slice(index + 1)].join('\n')
  }
}

/** The keywords of a schema: its own keys, not the names that stand in its maps. */
function keywordsOf(part: unknown): Set<string> {
  if (Array.isArray(part)) return new Set(part.flatMap((item) => [...keywordsOf(item)]))
  if (typeof part !== 'object' || part === null) return new Set()
  const inner = Object.entries(part).flatMap(([key, value]) => {
    if (VALUES.has(key)) return []
    return MAPS.has(key)
      ? Object.values(value as object).flatMap((one) => [...keywordsOf(one)])
      : [...keywordsOf(value)]
  })
  return new Set([...Object.keys(part), ...inner])
}

const VALUES = new Set(['enum', 'default', 'required'])
const MAPS = new Set(['properties', 'patternProperties', '$defs'])
