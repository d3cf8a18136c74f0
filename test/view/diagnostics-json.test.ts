import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import type { Diagnostic } from '../../src/diagnostic.ts'
import { renderAnnotations } from '../../src/view/annotations.ts'
import { renderJsonLines } from '../../src/view/diagnostics-json.ts'

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/output/diagnostic.json', import.meta.url), 'utf8'),
) as object
const isDiagnostic = new Ajv2020({ strict: true, strictRequired: false }).compile(schema)

const at = { file: 'a, b.yaml', line: 3, column: 5, length: 4, sourceLine: '    prts: []' }
const problem: Diagnostic = {
  severity: 'error',
  code: 'unknown-key',
  message: 'unknown key "prts"',
  hint: 'ports?',
  at,
}

const lines = (...diagnostics: readonly Diagnostic[]): readonly unknown[] =>
  renderJsonLines(diagnostics)
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)

test('each diagnostic is one object on one line, as the schema says', () => {
  const notes = [{ message: 'it is set here', at: { file: '.env', line: 2, column: 6 } }, { message: 'and not there' }]
  const told = lines(
    { ...problem, notes },
    { severity: 'warning', code: 'obsolete-version', message: 'old\n', hint: '' },
  )
  expect(told).toEqual([
    {
      error: true,
      severity: 'error',
      code: 'unknown-key',
      message: 'unknown key "prts"',
      hint: 'ports?',
      file: 'a, b.yaml',
      line: 3,
      column: 5,
      endColumn: 9,
      notes: [
        { message: 'it is set here', file: '.env', line: 2, column: 6, endColumn: 7 },
        { message: 'and not there' },
      ],
    },
    { severity: 'warning', code: 'obsolete-version', message: 'old\n' },
  ])
  for (const one of told) expect(isDiagnostic(one), JSON.stringify(isDiagnostic.errors)).toBe(true)
})

test.each([
  ['an error that is not marked as one', { severity: 'error', code: 'x', message: 'y' }],
  ['a warning that is marked as an error', { severity: 'warning', error: true, code: 'x', message: 'y' }],
  ['a place without a line', { severity: 'warning', code: 'x', message: 'y', file: 'a' }],
  ['a key nobody knows', { severity: 'warning', code: 'x', message: 'y', more: 1 }],
])('the schema refuses %s', (_, value) => {
  expect(isDiagnostic(value)).toBe(false)
})

test('a workflow command has its commas, colons and line ends escaped', () => {
  const odd: Diagnostic = { ...problem, message: '100% of\r\n"a"', hint: '' }
  expect(renderAnnotations([odd, { ...problem, severity: 'warning' }], (file) => `c:/${file}`)).toBe(
    [
      '::error file=c%3A/a%2C b.yaml,line=3,col=5,title=unknown-key::100%25 of\\x0d%0A"a"',
      '::warning file=c%3A/a%2C b.yaml,line=3,col=5,title=unknown-key::unknown key "prts"%0Ahint: ports?',
      '',
    ].join('\n'),
  )
})

test('a problem without a place is told without one', () => {
  const { at: _, ...bare } = problem
  expect(renderAnnotations([bare], (file) => file)).toBe(
    '::error title=unknown-key::unknown key "prts"%0Ahint: ports?\n',
  )
})
