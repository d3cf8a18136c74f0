// RELIABILITY.md promises nothing without a test: each that it names is there, and each fault that was to be covered has one.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const rows = readFileSync(`${root}RELIABILITY.md`, 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', , , , tests = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    return /^F\d+$/.test(id) ? [{ id, tests: testsIn(tests) }] : []
  })

function testsIn(cell: string) {
  return [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', path = '']) => ({ name, path }))
}

test.each(rows)('the tests of $id are there', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0)
  for (const { name, path } of tests) {
    expect(existsSync(`${root}${path}`), path).toBe(true)
    expect(readFileSync(`${root}${path}`, 'utf8').replaceAll("\\'", "'"), path).toContain(name)
  }
})

test('no fault of those that were to be covered is missing', () => {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const wanted = [...range(1, 9), 12, 15, 16, 23, 29, ...range(31, 45), 47, 51].map((number) => `F${number}`)
  expect(rows.map((row) => row.id).sort()).toEqual(wanted.sort())
})
