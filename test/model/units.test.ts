/** Sizes and durations, as users write them and as Docker Compose prints them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalDuration, parseBytes, parseDuration } from '../../src/model/units.ts'

test.each([
  ['90s', '1m30s', 90_000],
  ['1h5m', '1h5m0s', 3_900_000],
  ['1.5s', '1.5s', 1500],
  ['500ms', '500ms', 500],
  ['250us', '250µs', 0.25],
  ['1d', '24h0m0s', 86_400_000],
  ['1w2d', '216h0m0s', 777_600_000],
  ['0', '0s', 0],
  ['-2m', '-2m0s', -120_000],
  ['100h', '100h0m0s', 360_000_000],
  ['1.0000000019s', '1.000000001s', 1000.000001],
])('the duration %s prints as %s', (text, printed, milliseconds) => {
  expect(canonicalDuration(text)).toBe(printed)
  expect(parseDuration(text)).toBe(milliseconds)
  expect(parseDuration(printed)).toBe(milliseconds)
})

test.each(['', 'soon', '10', '1.s.', '5 m', '1m x', 's', '.s', '16000w'])('"%s" is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('a printed duration reads back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e8 }), fc.constantFrom('ms', 's', 'm'), (count, unit) => {
      const printed = canonicalDuration(`${count}${unit}`) ?? ''
      expect(canonicalDuration(printed)).toBe(printed)
      expect(parseDuration(printed)).toBe(parseDuration(`${count}${unit}`))
    }),
  )
})

test.each([
  ['512', 512],
  ['-1', -1],
  ['1k', 1024],
  ['1.5gb', 1_610_612_736],
  ['64MiB', 67_108_864],
  ['2 g', 2_147_483_648],
  ['10b', 10],
  ['.5m', 524_288],
  ['5.', 5],
  ['1_000k', 1_024_000],
  ['1e3', 1000],
])('the size %s is %i bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

test.each(['lots', '1x', '', 'm', '1 2', '-1m', '1mi', '1kbb', '1_k'])('"%s" is no size', (text) => {
  expect(parseBytes(text)).toBeUndefined()
})
