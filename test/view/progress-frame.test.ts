// One picture of the progress on a terminal.
import { expect, test } from 'vitest'
import type { ProgressStatus } from '../../src/planner/progress.ts'
import { plainPaint } from '../../src/view/paint.ts'
import { type ProgressRow, renderFrame } from '../../src/view/progress-frame.ts'

const row = (name: string, status: ProgressStatus): ProgressRow => ({
  event: { resource: `Container ${name}`, status, text: status, elapsedMs: 100 },
  beganAtMs: 0,
})
const frameOf = (rows: readonly ProgressRow[], lines: number): readonly string[] =>
  renderFrame({ rows, columns: 80, lines, nowMs: 1000, paint: plainPaint })
const namesIn = (frame: readonly string[]): readonly string[] =>
  frame.flatMap((line) => /Container (\S+)/.exec(line)?.[1] ?? [])

test('it leaves the last line of the screen free, so that its end moves nothing', () => {
  for (const count of [1, 21, 22, 23, 24, 200]) {
    const rows = Array.from({ length: count }, (_, index) => row(`c${index}`, 'done'))
    expect(frameOf(rows, 24).length, `${count} rows`).toBe(Math.min(count + 1, 23))
  }
})

test('where not all fit, it shows what failed, what goes on, and what was done last', () => {
  const rows = [row('a', 'done'), row('b', 'working'), row('c', 'done'), row('d', 'error'), row('e', 'working')]
  expect(namesIn(frameOf(rows, 24))).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(namesIn(frameOf(rows, 5))).toEqual(['d', 'b'])
  expect(namesIn(frameOf(rows, 6))).toEqual(['d', 'b', 'e'])
  const done = [row('x', 'done'), row('y', 'done'), row('z', 'working'), row('w', 'done'), row('v', 'done')]
  expect(namesIn(frameOf(done, 6))).toEqual(['w', 'v', 'z'])
  expect(frameOf(done, 6).at(-1)).toBe(' ... 2 more')
})

test('no line is wider than the screen', () => {
  const rows = [row('n'.repeat(30), 'working'), row('m', 'done')]
  for (const line of frameOf(rows, 24)) expect(line.length).toBeLessThanOrEqual(80)
})
