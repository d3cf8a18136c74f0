/** Several mistakes of one file are told at once, and none that is only the consequence of another. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ComposeError, type Diagnostic } from '../../src/diagnostic.ts'
import { noFindings } from '../../src/model/findings.ts'
import { parseYaml } from '../../src/model/yaml/parse.ts'

function mistakes(text: string): readonly Diagnostic[] {
  try {
    parseYaml({ name: 'a.yaml', path: '/a.yaml', text }, noFindings())
    return []
  } catch (error) {
    if (error instanceof ComposeError) return error.diagnostics
    throw error
  }
}

const linesOf = (text: string): readonly number[] =>
  mistakes(text)
    .map(({ at }) => at?.line ?? 0)
    .toSorted((a, b) => a - b)

describe('mistakes in different places are all told', () => {
  test.each([
    [
      'of services',
      'services:\n  a:\n    image:x\n    tty: true\n  b:\n    image: @y\n  c:\n    command: d: e\n',
      [3, 6, 8],
    ],
    ['of one service', 'services:\n  a:\n    image:x\n    ports: ["80"\n    tty: true\n    command: b: c\n', [3, 4, 6]],
    ['behind an open quote', 'services:\n  a:\n    image: "x\n  b:\n    image: y\n    command: @z\n', [3, 6]],
    [
      'behind an open bracket',
      'services:\n  a:\n    ports: [\n      80,\n      81\n    tty: true\n  b:\n    image: %y\n',
      [3, 8],
    ],
    ['behind a wrong indentation', 'services:\n  a:\n    image: x\n   tty: true\n  b:\n    image: `y`\n', [4, 6]],
    ['behind a tab', 'services:\n\ta:\n\t\timage: x\nvolumes:\n\td:\n', [2, 5]],
    [
      'behind a key without colon, with its items',
      'services:\n  a:\n    ports\n    - "80"\n    tty: true\n  b:\n    image: @y\n',
      [3, 7],
    ],
    ['of several documents', 'a: @b\n---\nc: [d\n', [1, 3]],
    ['with a key that stands twice', 'a:\n  b: 1\n  b: 2\nc:\n  d: e: f\n', [3, 5]],
    ['within brackets', '{"a": {\n"b": {"c" 1},\n"d": {"e" 2}\n}}\n', [2, 3]],
  ] as const)('%s', (_, text, expected) => {
    expect(linesOf(text)).toEqual(expected)
  })

  test('but no more than twenty', () => {
    expect(linesOf(Array.from({ length: 50 }, (_, index) => `k${index}: @x\n`).join(''))).toHaveLength(20)
  })

  test('and only the first of a file of a million characters', () => {
    const half = Array.from({ length: 60_000 }, (_, index) => `k${index}: some text\n`).join('')
    expect(linesOf(`a: @x\n${half}b: @y\n`)).toEqual([1])
  })
})

/** What people do to a line by mistake; undefined where it can't be done to this one. */
const SLIPS: Readonly<Record<string, (line: string) => string | undefined>> = {
  'no space behind the colon': (line) => replaced(line, /^(\s*[\w-]+): (?=\S)/, '$1:'),
  'no closing quote': (line) => replaced(line, /(: "[^"]*)"$/, '$1'),
  'no opening quote': (line) => replaced(line, /: "([^"]*")$/, ': $1'),
  'no closing bracket': (line) => replaced(line, /(\[.*)\]$/, '$1'),
  'no closing brace': (line) => replaced(line, /(\{.*)\}$/, '$1'),
  'no colon': (line) => replaced(line, /^(\s*[\w-]+):$/, '$1'),
  'a space more': (line) => replaced(line, /^(?=\s+\S)/, ' '),
  'a space less': (line) => replaced(line, /^\s(?=\s*\S)/, ''),
  'a tab': (line) => replaced(line, /^ {2}(?=\s*\S)/, '\t'),
  'no space behind the dash': (line) => replaced(line, /^(\s*)- (?=\S)/, '$1-'),
  'an @': (line) => replaced(line, /: (?=\w)/, ': @'),
  'a colon in the value': (line) => replaced(line, /(: \w+)$/, '$1: x'),
}

function replaced(line: string, pattern: RegExp, by: string): string | undefined {
  const result = line.replace(pattern, by)
  return result === line || line.trimStart().startsWith('#') ? undefined : result
}

const golden = new URL('../golden/model/', import.meta.url)
const sound = readdirSync(golden).flatMap((name) => {
  const file = new URL(`${name}/compose.yaml`, golden)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '['
  return mistakes(text).length === 0 ? [[name, text] as const] : []
})

/** Every line, damaged in every way. */
function* damaged(text: string): Generator<{ readonly line: number; readonly slip: string; readonly text: string }> {
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    for (const [slip, damage] of Object.entries(SLIPS)) {
      const by = damage(line)
      if (by !== undefined) yield { line: index + 1, slip, text: lines.with(index, by).join('\n') }
    }
  }
}

describe('a single slip is told once', () => {
  test.each(sound)('in %s', (_, text) => {
    for (const { line, slip, text: broken } of damaged(text)) {
      const told = mistakes(broken)
      expect(told.length, `${slip} in line ${line}: ${told.map(({ message }) => message).join('; ')}`).toBeLessThan(2)
    }
  })
})

test('two slips in two services are told like each of them alone', () => {
  const block = (name: string): string =>
    [
      `  ${name}:`,
      '    image: nginx',
      '    command: ["a", "b"]',
      '    environment:',
      '      A: "b"',
      '      C: d',
      '    ports:',
      '      - "80:80"',
      '      - "81:81"',
      '    tty: true',
      '',
    ].join('\n')
  const slips = [...damaged(block('web'))].filter(({ text }) => mistakes(`services:\n${text}`).length === 1)
  let both = 0
  for (const first of slips) {
    for (const second of slips) {
      const alone = [
        linesOf(`services:\n${first.text}`),
        linesOf(`services:\n${block('web')}${second.text.replace('web', 'db')}`),
      ]
      const together = linesOf(`services:\n${first.text}${second.text.replace('web', 'db')}`)
      expect(alone.flat(), `${first.slip} ${first.line}, ${second.slip} ${second.line}`).toEqual(
        expect.arrayContaining([...together]),
      )
      if (together.length === 2) both++
    }
  }
  expect(slips.length).toBeGreaterThan(30)
  expect(both / slips.length ** 2).toBeGreaterThan(0.8)
})
