/** The YAML parser against the `yaml` package as its oracle, and the places where Docker Compose's reading is another. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Document, parse } from 'yaml'
import { ComposeError } from '../../src/diagnostic.ts'
import { noFindings } from '../../src/model/findings.ts'
import { toPlain } from '../../src/model/tree/plain.ts'
import { parseYaml } from '../../src/model/yaml/parse.ts'

const documentsOf = (text: string) => parseYaml({ name: 'a.yaml', path: '/a.yaml', text }, noFindings())
const read = (text: string): unknown =>
  structuredClone(toPlain(documentsOf(text)[0]?.root ?? { kind: 'scalar', at: undefined, value: null }))

function refusal(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof ComposeError) {
      const [first] = error.diagnostics
      return `${first?.at?.line}:${first?.at?.column} ${first?.message}`
    }
    throw error
  }
  return 'accepted'
}

describe('what another YAML library writes is read back', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab:#-?!&*|>%@"\'`{}[], \n\t~1.0é€😀') })
  const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const forms = [
    { name: 'as blocks', write: (value: unknown) => new Document(value, { version: '1.1' }).toString() },
    {
      name: 'in double quotes',
      write: (value: unknown) =>
        new Document(value).toString({
          defaultStringType: 'QUOTE_DOUBLE',
          defaultKeyType: 'QUOTE_DOUBLE',
          doubleQuotedAsJSON: false,
        }),
    },
    { name: 'as JSON', write: (value: unknown) => JSON.stringify(value, null, 2) },
    {
      name: 'in lines that are folded',
      write: (value: unknown) => new Document(value, { version: '1.1' }).toString({ lineWidth: 20 }),
    },
  ]
  for (const { name, write } of forms) {
    test(name, () => {
      fc.assert(
        fc.property(tree, (inner) => {
          const value = { root: inner }
          const written = write(value)
          // What the library itself does not read back alike is no oracle.
          fc.pre(isReadable(written, value))
          expect(read(written), written).toEqual(value)
        }),
        { numRuns: 400 },
      )
    })
  }
})

function isReadable(written: string, value: unknown): boolean {
  try {
    expect(parse(written, { version: '1.1', uniqueKeys: false })).toEqual(value)
    // Complex keys, `\\/` and tabs before a block's text are things Docker Compose's library refuses.
    return !/^\s*\? |\\\/|^ *\t/m.test(written) && !/\d:\d/.test(written)
  } catch {
    return false
  }
}

describe('plain scalars mean what they mean to Docker Compose', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['yes', 'yes'],
    ['True', true],
    ['~', null],
    ['0644', 420],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['22:22', '22:22'],
    ['08', 8],
    ['1e3', 1000],
    ['.5', 0.5],
    ['-.inf', -Infinity],
    ['1.2.3', '1.2.3'],
    ['2024-01-31', '2024-01-31T00:00:00Z'],
    ['2024-13-31', '2024-13-31'],
    ['12345678901234567890', 12345678901234567890n],
    ['!!str 12', '12'],
    ['!!int "12"', 12],
    ['!!binary aGk=', 'hi'],
    ['!mine 12', '12'],
    ['!override true', 'true'],
    ['!mine', ''],
    ['.1_0', 0.1],
  ]
  for (const [text, value] of cases) test(text, () => expect(read(`a: ${text}`)).toEqual({ a: value }))
})

test('a byte order mark is nothing at the start of a file, and a character anywhere else', () => {
  expect(read('\uFEFFa: b')).toEqual({ a: 'b' })
  expect(read('a: b\n\uFEFFc: d')).toEqual({ a: 'b', '\uFEFFc': 'd' })
})

describe('anchors', () => {
  test('a merged mapping gives what the mapping itself does not say', () => {
    expect(read('x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], a: 0}')).toEqual({
      x: { a: 1, b: 2 },
      y: { b: 3, c: 4 },
      z: { a: 0, b: 2, c: 4 },
    })
  })
  test('an alias brings the places of its !reset along', () => {
    const [document] = documentsOf('a: &a {b: !reset null, c: 1}\nd: *a')
    expect(document?.resets).toEqual([
      ['a', 'b'],
      ['d', 'b'],
    ])
  })
})

describe('hostile text is refused quickly, in one sentence', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['brackets without end', '['.repeat(100_000), '1:202 more than 200 levels of nesting'],
    [
      'levels of nesting',
      Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
      '201:201 more than 200 levels of nesting',
    ],
    ['an alias of nothing', 'a: *b', '1:4 no value is named "&b"'],
    ['a NUL', 'a: b\0c', "1:5 the character U+0000 can't stand in a YAML file"],
    ['an escape that is none', 'a: "\\/"', '1:5 "\\/" means nothing in double quotes'],
    ['a quote without end', 'a: "b\nc: d', '1:4 the quote " is never closed'],
    ['a tab that indents', 'a:\n\tb: c', "2:1 a tab can't indent YAML"],
    ['a key twice', 'a: 1\nb: 2\na: 3', '3:1 the key "a" stands twice in this mapping'],
    ['a directive without its document', '%YAML 1.1\na: b', '2:1 a document starts with "---"'],
    ['a file of a newer YAML', '%YAML 1.2\n---\na: b', '1:1 this says it is YAML 1.2'],
    ['a directive twice', '%YAML 1.1\n%YAML 1.1\n---\na: b', '2:1 "%YAML" is there twice'],
    ['a bracket that is not closed', 'a: [1,\n2\nb: c', '1:4 the "[" is not closed'],
    ['a mapping merged with text', 'a:\n  <<: text', '2:3 "<<" takes a mapping or a list of mappings'],
  ]
  for (const [name, text, message] of cases) test(name, () => expect(refusal(text)).toBe(message))
})

test('line ends of Windows and byte order marks change nothing', () => {
  expect(read('\uFEFFa:\r\n  - b: |\r\n      c\r\n      d\r\n')).toEqual({ a: [{ b: 'c\nd\n' }] })
})

test('several documents are read in order', () => {
  expect(documentsOf('a: 1\n---\nb: 2\n...\n---\n').map(({ root }) => structuredClone(toPlain(root)))).toEqual([
    { a: 1 },
    { b: 2 },
    null,
  ])
})
