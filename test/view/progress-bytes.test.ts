// What a terminal shows of images on their way: bytes, speed and time left, as far as there is room.
import { expect, test } from 'vitest'
import type { ProgressEvent } from '../../src/planner/progress.ts'
import { renderFrame } from '../../src/view/progress-frame.ts'

const image = 'Image registry.example/team/app:1'
const event = (change: Partial<ProgressEvent>): ProgressEvent => ({
  stepId: 1,
  resource: image,
  status: 'working',
  text: 'Pulling',
  elapsedMs: 0,
  ...change,
})
const layer = (resource: string, change: Partial<ProgressEvent>): ProgressEvent =>
  event({ resource, parent: image, text: 'Downloading', ...change })

function shown(columns: number): readonly string[] {
  const rows = [
    { event: event({ currentBytes: 30e6, totalBytes: 120e6 }), beganAtMs: 0, flowsSinceMs: 1000 },
    { event: layer('aaaaaaaaaaaa', { currentBytes: 20e6, totalBytes: 100e6 }), beganAtMs: 0, flowsSinceMs: 1000 },
    {
      event: layer('bbbbbbbbbbbb', { currentBytes: 10e6, totalBytes: 10e6, text: 'Extracting' }),
      beganAtMs: 0,
      flowsSinceMs: 1000,
    },
    { event: layer('cccccccccccc', { currentBytes: 0, totalBytes: 10e6, text: 'Waiting' }), beganAtMs: 0 },
  ]
  return renderFrame({ rows, columns, lines: 20, nowMs: 11_000, paint: (_style, text) => text })
    .slice(1)
    .map((line) => line.replace(/^ . +\S+ ?\S* +(?=Pulling|[A-Z][a-z]+ing)/, '').replace(/ {2,}.*$/, ''))
}

test('a layer on its way tells its bytes, its speed since the first of them and the time that is left', () => {
  expect(shown(120)).toEqual([
    'Pulling 30.0MB / 120.0MB 3.0MB/s 30s left',
    'Downloading 20.0MB / 100.0MB 2.0MB/s 40s left',
    'Extracting 10.0MB / 10.0MB',
    'Waiting 0.0MB / 10.0MB',
  ])
})

test('on a narrow terminal the speed goes first, then the time', () => {
  expect(shown(83).slice(0, 2)).toEqual(['Pulling 30.0MB / 120.0MB 30s left', 'Downloading 20.0MB / 100.0MB 40s left'])
  expect(shown(75).slice(0, 2)).toEqual(['Pulling 30.0MB / 120.0MB', 'Downloading 20.0MB / 100.0MB'])
})
