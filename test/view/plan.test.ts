import { expect, test } from 'vitest'
import type { Plan, Step } from '../../src/planner/plan.ts'
import { colourPaint } from '../../src/view/paint.ts'
import { renderPlan } from '../../src/view/plan.ts'

function planOf(...steps: readonly Step[]): Plan {
  return { projectName: 'app', steps, unchanged: [], orphans: [], warnings: [] }
}

const stop: Step = {
  id: 1,
  after: [],
  because: { reason: 'stop was asked for' },
  kind: 'stop-container',
  containerName: 'app-web-1',
}

test('a plan without changes has nothing to do, also when it waits for something', () => {
  expect(renderPlan(planOf())).toBe('nothing to do\n')
  const wait: Step = {
    id: 1,
    after: [],
    because: { reason: 'x' },
    kind: 'wait-container',
    containerName: 'app-db-1',
    condition: 'healthy',
    required: true,
    dependencyName: 'db',
  }
  expect(renderPlan(planOf(wait))).toBe('nothing to do\n')
})

test('an exchange is one line, with the field, its values and its place', () => {
  const because = {
    reason: 'changed',
    field: ['services', 'web', 'image'],
    old: 'nginx:1',
    new: 'nginx:2',
    at: { file: 'compose.yaml', line: 12, column: 7 },
  }
  const partOf = { kind: 'recreate' as const, containerName: 'app-web-1' }
  const text = renderPlan(
    planOf(
      { ...stop, because, partOf },
      {
        id: 2,
        after: [1],
        because,
        partOf,
        kind: 'remove-container',
        containerName: 'app-web-1',
        anonymousVolumes: false,
      },
    ),
  )
  expect(text).toBe(
    '-/+ recreate container app-web-1, because services.web.image changed: nginx:1 -> nginx:2 (compose.yaml:12:7)\nplan: 1 to recreate\n',
  )
})

test('control characters of the user do not reach the terminal', () => {
  expect(renderPlan(planOf({ ...stop, because: { reason: 'changed', new: '\u001b[2J' } }))).not.toContain('\u001b')
})

test('colour is laid on by the paint it is given', () => {
  expect(renderPlan(planOf(stop), colourPaint)).toContain('\u001b[31m  x\u001b[0m stop container app-web-1')
})
