/** Our walk along the schema of the Compose Specification beside ajv, which compiles the whole of JSON Schema. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noFindings } from '../../src/model/findings.ts'
import { hold } from '../../src/model/schema/hold.ts'
import { type Definitions, resolveSchema, type Schema, typesOf } from '../../src/model/schema/schema-walk.ts'
import { parseYaml } from '../../src/model/yaml/parse.ts'

type Root = Schema & { readonly $defs: Definitions }

const whole = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/compose.json'), 'utf8')) as Root

const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile(whole)

function messages(text: string): readonly string[] {
  const findings = noFindings()
  const [parsed] = parseYaml({ name: 'compose.yaml', path: '/compose.yaml', text }, findings)
  if (parsed?.root) hold(parsed.root, findings)
  return findings.errors.map(({ message }) => message)
}

/** Of the schema itself and all below it, in places where a schema may stand. */
function* schemasIn(schema: Schema): Generator<Schema> {
  yield schema
  const { properties, patternProperties, additionalProperties, items, oneOf = [] } = schema
  const { $defs } = schema as Root
  const inner = [properties, patternProperties, $defs].flatMap((named) => Object.values(named ?? {}))
  const others = [items, typeof additionalProperties === 'object' ? additionalProperties : undefined, ...oneOf]
  for (const one of [...inner, ...others]) if (one) yield* schemasIn(one)
}

test('the schema has no words but those the walk knows', () => {
  const prose = ['$id', '$schema', 'title', 'description', 'default', 'deprecated']
  const known = [
    ...['$ref', '$defs', 'type', 'enum', 'pattern', 'minimum', 'maximum', 'items', 'uniqueItems', 'oneOf'],
    ...['properties', 'patternProperties', 'additionalProperties', 'required'],
  ]
  const words = new Set([...schemasIn(whole)].flatMap((schema) => Object.keys(schema)))
  expect([...words].filter((word) => !prose.includes(word) && !known.includes(word))).toEqual([])
})

test('of the forms something may have, no two take values of one type', () => {
  const forms = [...schemasIn(whole)].flatMap(({ oneOf }) => (oneOf ? [oneOf] : []))
  expect(forms.length).toBeGreaterThan(20)
  for (const oneOf of forms) {
    const types = oneOf.flatMap((form) => typesOf(resolveSchema(form, whole.$defs)) ?? ['anything'])
    expect(types.filter((type, index) => type === 'anything' || types.indexOf(type) !== index)).toEqual([])
  }
})

const STRINGS = ['', 'a', 'all', '1', 'x-y', 'bind', 'rw', 'host', '2000-01-01'] as const
/** One that matches, for each pattern there is. */
const NAMES: Readonly<Record<string, string>> = {
  '^[a-zA-Z0-9._-]+$': 'a.b-c',
  '^x-': 'x-own',
  '^[a-z]+$': 'nofile',
  '^.+$': 'any thing',
  '.+': 'any thing',
}

const wrong = fc.constantFrom<unknown>(
  null,
  true,
  -1,
  0.5,
  'a',
  'no such',
  [],
  {},
  ['a', 'a'],
  { a: 'b' },
  { 'a b': 1 },
)

/** Values that are mostly as the schema wants them. */
function valueFor(given: Schema, depth = 0): fc.Arbitrary<unknown> {
  const schema = resolveSchema(given, whole.$defs)
  const right = schema.oneOf
    ? fc.oneof(...schema.oneOf.map((form) => valueFor(form, depth)))
    : typedValue(schema, depth)
  return fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: wrong })
}

function typedValue(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  return fc.oneof(...(typesOf(schema) ?? ['string']).map((type) => valueOfType(type, schema, depth)))
}

/** Mappings are left once each before the schema is asked (unique.ts), and not compared again. */
const sameness = (value: unknown): unknown =>
  typeof value === 'object' ? JSON.stringify(value) : Symbol(String(value))

function valueOfType(type: string, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return mappingOf(schema, depth + 1)
    case 'array':
      return fc.uniqueArray(valueFor(schema.items ?? {}, depth + 1), {
        maxLength: depth > 6 ? 0 : 3,
        selector: sameness,
      })
    case 'integer':
      return fc.integer({ min: -1100, max: 1100 })
    case 'number':
      return fc.constantFrom(0, 1, 80, 0.5, -1)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.constantFrom(...STRINGS, ...(schema.enum ?? []))
  }
}

/** Ajv compares mappings by a method of theirs. */
const PLAIN = { noNullPrototype: true } as const

function mappingOf({ properties, patternProperties, required = [] }: Schema, depth: number): fc.Arbitrary<unknown> {
  const named = Object.entries(properties ?? {})
  const matching = Object.entries(patternProperties ?? {}).map(([pattern, schema]): [string, Schema] => [
    NAMES[pattern] ?? pattern,
    schema,
  ])
  const strange: [string, Schema] = ['no such key', {}]
  const optional = fc.subarray([...named, ...matching], {
    maxLength: Math.min(named.length + matching.length, depth > 6 ? 0 : 4),
  })
  const entries = fc.tuple(
    fc.constant(named.filter(([key]) => required.includes(key))),
    optional,
    fc.oneof({ weight: 40, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constant([strange]) }),
  )
  return entries.chain((chosen) =>
    fc.record(Object.fromEntries(chosen.flat().map(([key, schema]) => [key, valueFor(schema, depth)])), PLAIN),
  )
}

test('what ajv refuses is refused, and what it takes is taken', () => {
  const verdicts = { taken: 0, refused: 0 }
  const service = fc.record({ services: fc.record({ web: valueFor(whole.$defs.service ?? {}) }) })
  const document = fc.oneof(service, valueFor(whole))
  fc.assert(
    fc.property(document, (value) => {
      const isTaken = isValid(value)
      verdicts[isTaken ? 'taken' : 'refused']++
      expect(messages(JSON.stringify(value)).length === 0, JSON.stringify(isValid.errors)).toBe(isTaken)
    }),
    { numRuns: 4000 },
  )
  expect(Math.min(verdicts.taken, verdicts.refused)).toBeGreaterThan(300)
})

test.each([
  ['infinite', '{services: {a: {cpus: .inf}}}', '"services.a.cpus" must be a number or text, not the number +Inf'],
  ['beyond what a double holds', '{services: {a: {cpu_count: 99999999999999999999}}}', undefined],
  [
    'negative and huge',
    '{services: {a: {cpu_count: -99999999999999999999}}}',
    '"services.a.cpu_count" must be at least 0',
  ],
])('a number that is %s', (_what, text, message) =>
  expect(messages(text)).toEqual(message === undefined ? [] : [message]),
)
