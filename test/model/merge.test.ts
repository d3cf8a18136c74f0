/** Laws that laying one document over another must keep, whatever the documents. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noFindings } from '../../src/model/findings.ts'
import { mergeDocuments } from '../../src/model/merge.ts'
import { emptyMap, type MapNode } from '../../src/model/tree/node.ts'
import { toPlain } from '../../src/model/tree/plain.ts'
import { enforceUnique } from '../../src/model/unique.ts'
import { parseYaml } from '../../src/model/yaml/parse.ts'

const name = fc.constantFrom('a', 'b', '__proto__', 'constructor')
const word = fc.constantFrom('x', 'y', '1')
const service = fc.record(
  {
    image: word,
    command: fc.oneof(word, fc.array(word)),
    environment: fc.oneof(
      fc.dictionary(name, word),
      fc.uniqueArray(
        fc.tuple(name, word).map((pair) => pair.join('=')),
        { selector: (pair) => pair.split('=')[0] },
      ),
    ),
    ports: fc.uniqueArray(fc.constantFrom('80:80', '81:81', '82')),
    networks: fc.oneof(fc.uniqueArray(name), fc.dictionary(name, fc.constant(null))),
    volumes: fc.uniqueArray(fc.constantFrom('v:/a', './b:/b', '/c')),
    labels: fc.dictionary(name, word),
    depends_on: fc.uniqueArray(name),
  },
  { requiredKeys: [] },
)
const document = fc.record({ services: fc.dictionary(name, service) }, { requiredKeys: [] })

function nodeOf(value: object): MapNode {
  const [tree] = parseYaml({ name: 'a', path: '/a', text: JSON.stringify(value) }, noFindings())
  return tree?.root.kind === 'map' ? tree.root : emptyMap()
}

function merged(...documents: readonly MapNode[]): unknown {
  const findings = noFindings()
  const result = documents.reduce((below, over) => {
    const unique = enforceUnique(mergeDocuments(below, over, findings), findings)
    return unique.kind === 'map' ? unique : emptyMap()
  }, emptyMap())
  expect(findings.errors).toEqual([])
  return structuredClone(toPlain(result))
}

test('nothing laid over a document changes nothing', () => {
  fc.assert(
    fc.property(document, (a) => {
      expect(merged(nodeOf(a), emptyMap())).toEqual(merged(nodeOf(a)))
    }),
  )
})

test('a document laid over itself again adds nothing more', () => {
  fc.assert(
    fc.property(document, (a) => {
      const twice = merged(nodeOf(a), nodeOf(a))
      expect(merged(nodeOf(a), nodeOf(a), nodeOf(a))).toEqual(twice)
    }),
  )
})

test('the documents merged are left as they were', () => {
  fc.assert(
    fc.property(document, document, (a, b) => {
      const [below, over] = [nodeOf(a), nodeOf(b)]
      const before = JSON.stringify([toPlain(below), toPlain(over)])
      merged(below, over)
      expect(JSON.stringify([toPlain(below), toPlain(over)])).toBe(before)
    }),
  )
})

test('merging from below and from above gives the same', () => {
  fc.assert(
    fc.property(document, document, document, (a, b, c) => {
      const [first, second, third] = [nodeOf(a), nodeOf(b), nodeOf(c)]
      const above = enforceUnique(mergeDocuments(second, third, noFindings()), noFindings())
      const once = merged(first, above.kind === 'map' ? above : emptyMap())
      expect(sorted(once)).toEqual(sorted(merged(first, second, third)))
    }),
  )
})

/** Lists in any order: where an entry first stood may differ, what it says may not. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

test('no document reaches the prototype of objects', () => {
  merged(
    nodeOf({ services: JSON.parse('{"__proto__": {"polluted": true}}') }),
    nodeOf({ services: JSON.parse('{"__proto__": {"polluted": 1}}') }),
  )
  expect({}).not.toHaveProperty('polluted')
})
