import { expect, test } from 'vitest'
import { attachingLine, isTold } from '../../src/cli/attaching.ts'
import type { Plan } from '../../src/planner/plan.ts'

const plan: Plan = {
  projectName: 'app',
  steps: [
    {
      id: 1,
      kind: 'start-container',
      containerName: 'app-web-2',
      serviceName: 'web',
      after: [],
      because: { reason: 'created' },
    },
    {
      id: 2,
      kind: 'start-container',
      containerName: 'mine',
      serviceName: 'db',
      after: [],
      because: { reason: 'created' },
    },
  ],
  unchanged: [
    { containerName: 'app-web-1', containerId: '1', serviceName: 'web', running: true },
    { containerName: 'app-job-1', containerId: '2', serviceName: 'job', running: false },
  ],
  orphans: [],
  warnings: [],
}

test('an attached up names those that it starts and those that run, and nobody else', () => {
  expect(attachingLine(plan, new Set(['web', 'db', 'job']))).toBe('Attaching to mine, web-1, web-2\n')
  expect(attachingLine(plan, new Set(['job']))).toBeUndefined()
})

test('it does not tell of starts, but of what failed and of where a container is published', () => {
  const event = { resource: 'Container app-web-1', status: 'done', text: 'Started', elapsedMs: 0 } as const
  expect(isTold(event)).toBe(false)
  expect(isTold({ ...event, text: 'Created' })).toBe(true)
  expect(isTold({ ...event, resource: 'Image app', text: 'Waiting' })).toBe(true)
  expect(isTold({ ...event, status: 'error', text: 'Error', detail: 'no' })).toBe(true)
  const ports = [{ hostIp: '0.0.0.0', published: 80, target: 80, protocol: 'tcp' }] as const
  expect(isTold({ ...event, ports })).toBe(true)
})
