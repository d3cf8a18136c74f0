import { expect, test } from 'vitest'
import { openTurns } from '../../src/planner/turns.ts'

test('who keeps the processor busy lets a timer have its turn', async () => {
  const busy = async (): Promise<void> => {
    for (const end = performance.now() + 30; performance.now() < end; );
  }
  const turn = openTurns(() => performance.now())
  let fired = 0
  const timer = setInterval(() => {
    fired += 1
  }, 10)
  await Promise.all(Array.from({ length: 10 }, () => turn(busy)))
  clearInterval(timer)
  expect(fired).toBeGreaterThan(2)
})

test('nobody waits who asks before long', async () => {
  const turn = openTurns(() => 0)
  let waited = false
  setImmediate(() => {
    waited = true
  })
  for (let count = 0; count < 100; count += 1) await turn(async () => {})
  expect(waited).toBe(false)
})
