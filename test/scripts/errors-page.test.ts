// docs/errors.md knows every code there is, and shows each that can be led to.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((found) => found[1] ?? '')

const union = (file: string, name: string): readonly string[] => {
  const [, text = ''] = read(file).split(`export type ${name} =`)
  return matches(text.split(/\n\n|$/)[0] ?? '', /\| '([^']+)'/g)
}

const page = read('docs/errors.md')
const codes = union('src/diagnostic.ts', 'DiagnosticCode')
const told = [...matches(page, /^### (\S+)$/gm), ...matches(page, /^\| `(\S+)` \|/gm)]

test('the page tells every code, once, and no other', () => {
  expect(codes.length).toBeGreaterThan(100)
  expect(told.toSorted()).toEqual(codes.toSorted())
})

test("a driver's codes are among them", () => {
  const driver = union('src/driver/driver.ts', 'DriverErrorCode')
  expect(driver.length).toBeGreaterThan(20)
  expect(codes).toEqual(expect.arrayContaining([...driver]))
})

test('every code is used in the source', () => {
  const folder = new URL('../../src/', import.meta.url)
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'diagnostic.ts')
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n')
  const unused = codes.filter((code) => !source.includes(`'${code}'`))
  // The kernel's own refusals are named by the native part.
  expect(unused.filter((code) => !union('src/driver/driver.ts', 'DriverErrorCode').includes(code))).toEqual([])
})

/** What no project can lead to. */
const UNSHOWN = ['chain-too-long', 'schema', 'internal', 'project-busy']

test('each example shows its code', () => {
  const examples = page.split(/^### /m).slice(1)
  for (const example of examples) {
    const [code = ''] = example.split('\n', 1)
    const [, printed] = /```console\n([\s\S]*?)```/.exec(example) ?? []
    if (UNSHOWN.includes(code)) expect(printed, code).toBeUndefined()
    else expect(printed, code).toMatch(new RegExp(`\\[${code}\\]|"code":"${code}"`))
  }
})
