import { expect, test } from 'vitest'
import { isOlder } from '../../../src/runtime/standing.ts'

const second = 1_000_000_000n
const version = (changedNs: bigint): string => `77 12 1 ${changedNs}`

test.each([
  ['what is not there', '', 0, true],
  ['what can’t be known', '?', 1e15, false],
  ['a change a moment before', version(5n * second + 1n), 5010, false],
  ['a change some moments before', version(5n * second + 1n), 5021, true],
  ['a change after', version(6n * second + 1n), 5021, false],
  ['a change in whole seconds a second before', version(5n * second), 6000, false],
  ['a change in whole seconds three seconds before', version(5n * second), 8000, true],
])('%s: %s against %d is %s', (_, text, ms, expected) => {
  expect(isOlder(text, ms)).toBe(expected)
})
