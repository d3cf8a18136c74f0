import { describe, expect, test } from 'vitest'
import { DriverError } from '../../src/driver/driver.ts'
import { applyPlan } from '../../src/planner/apply.ts'
import { ApplyError } from '../../src/planner/apply-error.ts'
import type { ProgressEvent } from '../../src/planner/progress.ts'
import { apply, down, NEVER, planFor, up } from '../support/bring-up.ts'
import { createFakeDriver, type FakeOptions } from '../support/fake-driver.ts'
import { projectOf, type Written } from '../support/projects.ts'

const healthy = { depends_on: { db: { condition: 'service_healthy' as const, required: true } } }
const completed = { depends_on: { db: { condition: 'service_completed_successfully' as const, required: true } } }
const probed = { healthcheck: { test: ['CMD', 'true'] } }

/** Brings the services up and returns what was said and what went wrong. */
async function tell(services: Written['services'], options: FakeOptions = {}) {
  const driver = createFakeDriver({ images: ['busybox'], ...options })
  const events: ProgressEvent[] = []
  const plan = await planFor(projectOf({ services }), driver)
  const error = await applyPlan(plan, driver, {
    onEvent: (event) => events.push(event),
    signal: NEVER,
    now: () => 0,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const said = events.map((event) =>
    [event.resource, event.text, ...(event.detail === undefined ? [] : [event.detail])].join(' '),
  )
  return { driver, said, error: error as ApplyError | undefined }
}

describe('progress', () => {
  test('is told in the words of Docker Compose', async () => {
    const { said } = await tell({ web: {} })
    expect(said).toEqual([
      'Network app_default Creating',
      'Network app_default Created',
      'Container app-web-1 Creating',
      'Container app-web-1 Created',
      'Container app-web-1 Starting',
      'Container app-web-1 Started',
    ])
  })

  test('of an exchange is one thing', async () => {
    const driver = createFakeDriver({ images: ['busybox'] })
    await up(projectOf({ services: { web: {} } }), driver)
    const events = await apply(await planFor(projectOf({ services: { web: { hostname: 'x' } } }), driver), driver)
    expect(events.map((event) => `${event.resource} ${event.text}`)).toEqual([
      'Container app-web-1 Recreate',
      'Container app-web-1 Recreated',
      'Container app-web-1 Starting',
      'Container app-web-1 Started',
    ])
  })

  test('says what stands in the way of a network that was made', async () => {
    const { said } = await tell({ web: {} }, { obstacles: ['a firewall drops everything'] })
    expect(said.slice(0, 3)).toEqual([
      'Network app_default Creating',
      'Network app_default Created',
      'Network app_default Warning a firewall drops everything',
    ])
  })

  test('names containers that need nothing', async () => {
    const driver = createFakeDriver({ images: ['busybox'] })
    const project = projectOf({ services: { web: {} } })
    await up(project, driver)
    const events = await apply(await planFor(project, driver), driver)
    expect(events).toEqual([{ resource: 'Container app-web-1', status: 'done', text: 'Running', elapsedMs: 0 }])
  })
})

describe('waiting for a condition', () => {
  test('ends when the container gets healthy, and only then is the dependent started', async () => {
    const { driver, said } = await tell({ web: healthy, db: probed }, { program: () => ({ health: ['healthy'] }) })
    expect(said.indexOf('Container app-db-1 Healthy')).toBeLessThan(said.indexOf('Container app-web-1 Starting'))
    expect(driver.everything().containers.every((one) => one.status === 'running')).toBe(true)
  })

  test('fails at once when the container gets unhealthy, and the dependent is not started', async () => {
    const { driver, error } = await tell({ web: healthy, db: probed }, { program: () => ({ health: ['unhealthy'] }) })
    expect(error?.message).toBe('dependency failed to start: container app-db-1 is unhealthy')
    expect(driver.calls.some((call) => call.method === 'startContainer' && call.subject === 'app-web-1')).toBe(false)
  })

  test('fails at once when the container exits', async () => {
    const { error } = await tell({ web: healthy, db: probed }, { program: () => ({ exitCode: 3 }) })
    expect(error?.message).toBe('dependency failed to start: container app-db-1 exited (3)')
  })

  test('fails for a container that can never be healthy', async () => {
    const { error } = await tell({ web: healthy, db: {} })
    expect(error?.message).toBe('dependency failed to start: container app-db-1 has no healthcheck configured')
  })

  test('for completion ends with exit code 0', async () => {
    const { said, error } = await tell(
      { web: completed, db: {} },
      { program: (spec) => (spec.containerName === 'app-db-1' ? { exitCode: 0 } : {}) },
    )
    expect(error).toBeUndefined()
    expect(said).toContain('Container app-db-1 Exited')
  })

  test('for completion fails with another exit code', async () => {
    const { error } = await tell(
      { web: completed, db: {} },
      { program: (spec) => (spec.containerName === 'app-db-1' ? { exitCode: 2 } : {}) },
    )
    expect(error?.message).toBe('service "db" didn\'t complete successfully: exit 2')
  })

  test('warns and goes on where the dependency is not required', async () => {
    const web = { depends_on: { db: { condition: 'service_healthy' as const, required: false } } }
    const { driver, said, error } = await tell(
      { web, db: probed },
      { program: (spec) => (spec.containerName === 'app-db-1' ? { exitCode: 1 } : {}) },
    )
    expect(error).toBeUndefined()
    expect(said).toContain(
      'Container app-db-1 Skipped optional dependency "db" failed to start: container app-db-1 exited (1)',
    )
    expect(driver.everything().containers.find((one) => one.containerName === 'app-web-1')?.status).toBe('running')
  })

  test('goes on without an optional dependency whose image is nowhere', async () => {
    const web = { depends_on: { db: { condition: 'service_started' as const, required: false } } }
    const { driver, error } = await tell({ web, db: { image: 'gone' } }, { registry: [] })
    expect(error?.message).toBe('image "gone" is not in the registry')
    expect(driver.everything().containers.map((one) => `${one.containerName} ${one.status}`)).toEqual([
      'app-web-1 running',
    ])
  })
})

describe('a failure', () => {
  test('keeps dependents from running, lets the others finish, and its own error comes out', async () => {
    const { driver, error, said } = await tell(
      {
        web: { depends_on: { db: { condition: 'service_started', required: true } } },
        db: { image: 'gone' },
        other: {},
      },
      { registry: [] },
    )
    expect(error).toBeInstanceOf(ApplyError)
    expect(error?.cause).toBeInstanceOf(DriverError)
    expect(error?.failures.map(({ step }) => step.kind)).toEqual(['pull-image'])
    expect(said).toContain('Image gone Error image "gone" is not in the registry')
    expect(
      driver
        .everything()
        .containers.map((one) => `${one.containerName} ${one.status}`)
        .sort(),
    ).toEqual(['app-other-1 running', 'app-web-1 created'])
  })

  test('of several, the first one speaks', async () => {
    const { error } = await tell({ a: { image: 'gone-a' }, b: { image: 'gone-b' } }, { registry: [] })
    expect(error?.message).toBe('image "gone-a" is not in the registry')
    expect(error?.failures).toHaveLength(2)
  })
})

describe('cancelling', () => {
  test('starts no further step, and comes out as what was cancelled with', async () => {
    const cancel = new AbortController()
    const driver = createFakeDriver({
      images: ['busybox'],
      onCall: ({ method }) => {
        if (method === 'startContainer') cancel.abort(new Error('stopped by the user'))
      },
    })
    const plan = await planFor(
      projectOf({
        services: { web: { depends_on: { db: { condition: 'service_started', required: true } } }, db: {} },
      }),
      driver,
    )
    await expect(apply(plan, driver, cancel.signal)).rejects.toThrow('stopped by the user')
    expect(driver.calls.filter((call) => call.method === 'startContainer')).toEqual([])
  })

  test('ends a wait', async () => {
    const cancel = new AbortController()
    const driver = createFakeDriver({ images: ['busybox'] })
    const plan = await planFor(projectOf({ services: { web: healthy, db: probed } }), driver)
    const onEvent = ({ text }: ProgressEvent): void => {
      if (text === 'Waiting') cancel.abort(new Error('enough'))
    }
    await expect(applyPlan(plan, driver, { onEvent, signal: cancel.signal, now: () => 0 })).rejects.toThrow('enough')
  })
})

describe('parallelism', () => {
  test('is without barriers: a service starts while the image of another is still being pulled', async () => {
    let goOn = (): void => undefined
    const quickIsUp = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const driver = createFakeDriver({
      images: ['busybox'],
      onCall: async ({ method, subject }) => {
        if (method === 'pullImage') await quickIsUp
        if (method === 'startContainer' && subject === 'app-quick-1') goOn()
      },
    })
    await up(projectOf({ services: { slow: { image: 'large' }, quick: {} } }), driver)
    expect(driver.calls.at(-1)).toEqual({ method: 'startContainer', subject: 'app-slow-1' })
  })

  test('stays below the limit that is given', async () => {
    let running = 0
    let most = 0
    const driver = createFakeDriver({
      images: ['busybox'],
      onCall: async ({ method }) => {
        if (method.startsWith('find') || method === 'observe') return
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
      },
    })
    const plan = await planFor(projectOf({ services: { web: { scale: 8 } } }), driver)
    await applyPlan(plan, driver, { onEvent: () => undefined, signal: NEVER, parallel: 3, now: () => 0 })
    expect(most).toBe(3)
  })
})

test('a network that others still use is left to them by down', async () => {
  const driver = createFakeDriver({ images: ['busybox'] })
  const project = projectOf({ services: { web: {}, db: {} } })
  await up(project, driver)
  await down(projectOf({ services: { web: {} } }), driver)
  expect(driver.everything().networks).toHaveLength(1)
  await down(project, driver)
  expect(driver.everything().networks).toEqual([])
})
