import { expect, test } from 'vitest'
import { readGoDuration, readTimestamp } from '../../src/cli/timestamp.ts'

const now = Date.UTC(2026, 10, 21, 10, 0, 0)

test.each([
  ['42m', now - 42 * 60_000],
  ['1h30m', now - 90 * 60_000],
  ['1.5s', now - 1500],
  ['2026-01-02T13:23:37Z', Date.UTC(2026, 0, 2, 13, 23, 37)],
  ['2026-01-02T13:23:37.123456789Z', Date.UTC(2026, 0, 2, 13, 23, 37, 123)],
  ['2026-01-02T13:23:37+02:00', Date.UTC(2026, 0, 2, 11, 23, 37)],
  ['2026-01-02T13:23Z', Date.UTC(2026, 0, 2, 13, 23)],
  ['2026-01-02T13Z', Date.UTC(2026, 0, 2, 13)],
  ['2026-01-02', new Date(2026, 0, 2).getTime()],
  ['1136073845', 1136073845000],
  ['1136073845.5', 1136073845500],
  ['yesterday', undefined],
  ['2026-13-02T00:00:00Z', undefined],
  ['', undefined],
])('%s', (text, expected) => {
  expect(readTimestamp(text, now)).toBe(expected)
})

test('a duration needs a unit', () => {
  expect(readGoDuration('10')).toBeUndefined()
  expect(readGoDuration('1m1m')).toBe(120_000)
})
