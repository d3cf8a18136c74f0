// docs/security.md names every attack that the tests try, by the name of its test, and no other.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((found) => found[1] ?? '')

/** The cells of every row that begins with an id: of what holds, and of all. */
const rows = matches(read('docs/security.md'), /^\| ([ABD]\d+ \|.*) \|$/gm).map((row) =>
  row.split('|').map((cell) => cell.trim()),
)
const told = rows.map(([, name = '']) => name)

const folder = 'native/kernel/tests/sandbox/attacks/'
const sandbox = readdirSync(new URL(folder, root))
  .map((name) => read(folder + name))
  .join('\n')
const network = read('native/kernel/tests/network/attacks.rs')
const elsewhere = ['native/kernel/tests/network/main.rs', 'native/monitor/src/dns/tests.rs'].map(read).join('\n')

const others = ['state', 'copies'].map((name) => read(`test/e2e/attacks-on-${name}.test.ts`)).join('\n')

const tried = [
  ...matches(sandbox, /row: "\w+",\s+name: "([^"]+)"/g),
  ...matches(network, /#\[test\]\s+fn (\w+)/g),
  ...matches(read('test/e2e/attacks.test.ts'), /^ {2}\[\s*['"](.*)['"],(?: |$)/gm).map(untilQuote),
  ...matches(others, /\btest\(\s*['"](.*)['"],\s*async/g),
]

function untilQuote(text: string): string {
  return text.split(/['"], ['"`]/)[0] ?? text
}

test('every attack that is tried is on the page', () => {
  expect(tried.length).toBeGreaterThan(80)
  expect(tried.filter((name) => !told.includes(name))).toEqual([])
})

test('the tests of the sandbox have the ids of the page', () => {
  const ids = [...sandbox.matchAll(/row: "(\w+)",\s+name: "([^"]+)"/g)].map((found) => found.slice(1, 3).join(' '))
  const ofPage = rows.map(([id, name]) => `${id} ${name}`)
  expect(ids.filter((id) => !ofPage.includes(id))).toEqual([])
})

test('every attack on the page is tried by a test of that name', () => {
  const sources = [...tried, elsewhere, read('test/e2e/attacks.test.ts'), others].join('\n')
  expect(told.filter((name) => !sources.includes(name))).toEqual([])
})

test('every row says what stands in the way and how the run is weakened', () => {
  expect(rows.filter((row) => row.length !== 5 || row[3] === '' || row[4] === '')).toEqual([])
})
