import { expect, test } from 'vitest'
import type { Diagnostic } from '../../src/diagnostic.ts'
import { renderDiagnostics, renderError } from '../../src/view/diagnostics.ts'
import { colourPaint, plainPaint } from '../../src/view/paint.ts'

const problem: Diagnostic = {
  severity: 'error',
  code: 'depends-on-undefined',
  message: 'service "web" depends on undefined service "dbb"',
  hint: 'did you mean "db"?',
  at: { file: 'bad.yaml', line: 5, column: 9, length: 3, sourceLine: '      - dbb' },
}

test('a diagnostic shows its place, its line, a caret under the fault, and what to do', () => {
  expect(
    renderDiagnostics([problem], plainPaint),
  ).toBe(`bad.yaml:5:9: error: service "web" depends on undefined service "dbb" [depends-on-undefined]
        - dbb
          ^^^
  hint: did you mean "db"?
`)
})

test('a diagnostic without a place is a line and a hint', () => {
  const { at: _, ...bare } = problem
  expect(renderDiagnostics([{ ...bare, severity: 'warning' }], plainPaint)).toBe(
    'warning: service "web" depends on undefined service "dbb" [depends-on-undefined]\n  hint: did you mean "db"?\n',
  )
})

test('other places stand below the excerpt', () => {
  const notes = [
    { message: 'it is set here', at: { file: '.env', line: 2, column: 6 } },
    { message: 'and used\u0007 elsewhere' },
  ]
  expect(
    renderDiagnostics([{ ...problem, notes }], plainPaint)
      .split('\n')
      .slice(2),
  ).toEqual([
    '          ^^^',
    '  .env:2:6: note: it is set here',
    '  note: and used\\x07 elsewhere',
    '  hint: did you mean "db"?',
    '',
  ])
})

test('the caret keeps its place behind tabs', () => {
  const at = { file: 'a', line: 1, column: 3, sourceLine: '\t\tx: 1' }
  expect(
    renderDiagnostics([{ ...problem, at }], plainPaint)
      .split('\n')
      .slice(1, 3),
  ).toEqual(['  \t\tx: 1', '  \t\t^'])
})

test('a long line is cut around the fault', () => {
  const at = { file: 'a', line: 1, column: 1001, length: 3, sourceLine: `${'a'.repeat(1000)}bad${'c'.repeat(1000)}` }
  const [, line = '', caret = ''] = renderDiagnostics([{ ...problem, at }], plainPaint).split('\n')
  expect(line.length).toBeLessThan(200)
  expect(line.slice(caret.indexOf('^'), caret.length)).toBe('bad')
})

test('control characters from a file do not reach the terminal', () => {
  const at = { file: 'a\u001b[2J', line: 1, column: 1, sourceLine: 'x: \u001b]0;title\u0007' }
  const text = renderDiagnostics([{ ...problem, message: 'bad\rvalue', at }], plainPaint)
  expect(text).not.toMatch(/[^\P{Cc}\n]/u)
  expect(text).toContain('\\x1b]0;title\\x07')
})

test('an error without a place has a hint of its own', () => {
  expect(renderError('port 80 is taken', 'choose another', plainPaint)).toBe(
    'error: port 80 is taken\n  hint: choose another\n',
  )
  expect(renderError('x', undefined, colourPaint)).toBe('\u001b[31merror:\u001b[0m x\n')
})
