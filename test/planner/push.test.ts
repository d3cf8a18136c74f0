// Which images a push sends, and what it says while it does.
import { describe, expect, test } from 'vitest'
import { applyPlan } from '../../src/planner/apply.ts'
import type { ProgressEvent } from '../../src/planner/progress.ts'
import { planImagePushes, planServicePushes } from '../../src/planner/push.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { stepLines } from '../support/plan-text.ts'
import { projectOf } from '../support/projects.ts'

const services = {
  a: { image: 'reg/a:1', build: { tags: ['reg/a:2', 'reg/shared:1'] } },
  b: { image: 'reg/shared:1', build: {} },
  bought: { image: 'redis:7' },
  nameless: { image: '', build: {} },
}

const plan = (ignoreFailures = false) => planServicePushes(projectOf({ services } as never), { ignoreFailures })

async function progressOf(there: readonly string[], pushes = plan()): Promise<readonly ProgressEvent[]> {
  const events: ProgressEvent[] = []
  const options = {
    onEvent: (event: ProgressEvent) => events.push(event),
    signal: new AbortController().signal,
    now: () => 0,
  }
  await applyPlan(pushes, createFakeDriver({ images: there }), options)
  return events
}

describe('a push', () => {
  test('sends what services build, under all the names that they give it, each once', () => {
    expect(stepLines(plan()).match(/push-image \S+/g)).toEqual([
      'push-image reg/a:1',
      'push-image reg/a:2',
      'push-image reg/shared:1',
    ])
  })

  test('leaves alone what is only bought, and what has no name', () => {
    expect(plan().passedOver).toEqual([{ resource: 'bought' }, { resource: 'nameless' }])
  })

  test('tells of layers as parts of their image', async () => {
    const events = await progressOf(['reg/a:1'], planImagePushes(['reg/a:1'], {}))
    expect(events.map(({ resource, parent, text }) => [resource, parent, text])).toEqual([
      ['Image reg/a:1', undefined, 'Pushing'],
      [expect.stringMatching(/^[a-f0-9]{12}$/), 'Image reg/a:1', 'Pushed'],
      ['Image reg/a:1', undefined, 'Pushing'],
      ['Image reg/a:1', undefined, 'Pushed'],
    ])
  })

  test('of an image that is not there fails when the others are through, or not at all where failures are ignored', async () => {
    await expect(progressOf(['reg/a:1', 'reg/a:2'])).rejects.toThrow('"reg/shared:1" is not there')
    const events = await progressOf(['reg/a:1', 'reg/a:2'], plan(true))
    expect(events.filter(({ status }) => status === 'error')).toMatchObject([{ resource: 'Image reg/shared:1' }])
  })
})
