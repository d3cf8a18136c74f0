import { expect, test } from 'vitest'
import { createLogLines, rfc3339Nano } from '../../src/view/log-lines.ts'
import { colourPaint, plainPaint } from '../../src/view/paint.ts'

test('prefixes are as wide as the longest name', () => {
  const lines = createLogLines({ paint: plainPaint, prefix: true, timestamps: false })
  lines.register('web-1')
  lines.register('database-1')
  expect(lines.line('web-1', 'hello', 0n)).toBe('web-1       | hello\n')
  expect(lines.line('database-1', 'ready', 0n)).toBe('database-1  | ready\n')
  expect(lines.status('web-1', 'exited with code 0')).toBe('web-1 exited with code 0\n')
})

test('the only name is followed by two spaces and a bar', () => {
  expect(createLogLines({ paint: plainPaint, prefix: true, timestamps: false }).line('web-1', 'x', 0n)).toBe(
    'web-1  | x\n',
  )
})

test('names take cyan, yellow, green, magenta and blue in turn, then the bold ones', () => {
  const lines = createLogLines({ paint: colourPaint, prefix: true, timestamps: false })
  const codes = Array.from({ length: 11 }, (_, at) => /\[([\d;]+)m/.exec(lines.line(`s${at}`, '', 0n))?.[1])
  expect(codes).toEqual(['36', '33', '32', '35', '34', '36;1', '33;1', '32;1', '35;1', '34;1', '36'])
})

test('timestamps have nine digits, and no prefix means none', () => {
  const lines = createLogLines({ paint: plainPaint, prefix: false, timestamps: true })
  const time = BigInt(Date.UTC(2026, 10, 21, 10, 0, 0)) * 1_000_000n + 5n
  expect(lines.line('web-1', 'x', time)).toBe('2026-11-21T10:00:00.000000005Z x\n')
  expect(rfc3339Nano(time + 999_999_000n)).toBe('2026-11-21T10:00:00.999999005Z')
})
