import { expect, test } from 'vitest'
import type { ProgressEvent } from '../../src/planner/progress.ts'
import { plainPaint } from '../../src/view/paint.ts'
import { openTtyProgress } from '../../src/view/progress-tty.ts'

test('a display that is closed before it has begun shows the last state and ends', async () => {
  let drawn = ''
  const resources = Array.from({ length: 50 }, (_, index) => `Container app-${index}`)
  const view = openTtyProgress(resources, {
    write: (text) => {
      drawn += text
    },
    size: () => ({ columns: 80, lines: 60 }),
    now: () => 0,
    paint: plainPaint,
  })
  const event = { status: 'done', text: 'Running', elapsedMs: 0 } satisfies Partial<ProgressEvent>
  for (const resource of resources) view.on({ ...event, resource })
  await view.close()
  expect(drawn).toContain('50/50')
  expect(drawn).toMatch(/Container app-49 +Running/)
})
