import { describe, expect, test } from 'vitest'
import { planDown } from '../../src/planner/down.ts'
import type { DownOptions } from '../../src/planner/options.ts'
import type { Subject } from '../../src/planner/scope.ts'
import { planRestart, planStart } from '../../src/planner/start.ts'
import { planKill, planRemove, planStop } from '../../src/planner/stop.ts'
import { up } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { stepLines } from '../support/plan-text.ts'
import { projectOf } from '../support/projects.ts'

const EMPTY = { projectName: 'app', unchanged: [], orphans: [], warnings: [] }
const started = (name: string) => ({
  depends_on: { [name]: { condition: 'service_started' as const, required: true } },
})
const project = projectOf({
  services: {
    proxy: started('web'),
    web: { ...started('db'), volumes: [{ type: 'volume', target: '/tmp' }] },
    db: { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
  },
  volumes: { data: { name: 'app_data' } },
})

async function running() {
  const driver = createFakeDriver({ images: ['busybox'] })
  await up(project, driver)
  return driver
}

async function downOf(subject: Subject, options: DownOptions = {}): Promise<string> {
  return stepLines(planDown(subject, (await running()).everything(), options))
}

describe('down', () => {
  test('stops dependents first and removes while others stop', async () => {
    expect(await downOf(project)).toMatchInlineSnapshot(`
      "#1 stop-container app-proxy-1 (down was asked for)
      #2 stop-container app-web-1 (down was asked for) after #1
      #3 stop-container app-db-1 (down was asked for) after #2
      #4 remove-container app-proxy-1 (down was asked for) after #1
      #5 remove-container app-web-1 (down was asked for) after #2
      #6 remove-container app-db-1 (down was asked for) after #3
      #7 remove-network app_default (down was asked for) after #4 #5 #6"
    `)
  })

  test('is the same without a file, by the labels', async () => {
    const edgesOf = async (subject: Subject): Promise<readonly string[]> => {
      const { steps } = planDown(subject, (await running()).everything(), {})
      const nameOf = (id: number): string =>
        stepLines({ ...EMPTY, steps: steps.filter((step) => step.id === id) }).replace(/^#\d+ | after .*/g, '')
      return steps.map((step) => `${nameOf(step.id)} after ${step.after.map(nameOf).sort()}`).sort()
    }
    expect(await edgesOf('app')).toEqual(await edgesOf(project))
  })

  test('removes volumes when told to, the anonymous ones with their containers', async () => {
    const text = await downOf(project, { volumes: true })
    expect(text).toContain('remove-volume app_data')
    const plan = planDown(project, (await running()).everything(), { volumes: true })
    expect(plan.steps.flatMap((step) => (step.kind === 'remove-container' ? [step.anonymousVolumes] : []))).toEqual([
      true,
      true,
      true,
    ])
  })

  test('of one service takes those along that depend on it, and leaves the network to the rest', async () => {
    expect(await downOf(project, { services: ['web'] })).toMatchInlineSnapshot(`
      "#1 stop-container app-proxy-1 (down was asked for)
      #2 stop-container app-web-1 (down was asked for) after #1
      #3 remove-container app-proxy-1 (down was asked for) after #1
      #4 remove-container app-web-1 (down was asked for) after #2"
    `)
  })

  test('removes images when told to: those of the services that are there, whether these were up or not', async () => {
    const presentImages = new Set(['busybox'])
    expect(await downOf(project, { images: 'all', presentImages })).toContain('remove-image busybox')
    expect(await downOf(project, { images: 'local', presentImages })).not.toContain('remove-image')
    expect(await downOf(project, { images: 'all', presentImages: new Set() })).not.toContain('remove-image')
    const nothing = { containers: [], networks: [], volumes: [] }
    expect(stepLines(planDown(project, nothing, { images: 'all', presentImages }))).toContain('remove-image busybox')
  })

  test('removes no image of orphans, but without a file those of every container', async () => {
    const observed = (await running()).everything()
    const other = projectOf({ services: { other: { image: 'other' } } })
    const options = { images: 'all', presentImages: new Set(['busybox']) } as const
    expect(stepLines(planDown(other, observed, { ...options, removeOrphans: true }))).not.toContain('remove-image')
    expect(stepLines(planDown('app', observed, options))).toContain('remove-image busybox')
  })

  test('takes one-off runs along with the orphans, alive or not', async () => {
    const observed = (await running()).everything()
    const oneOff = { 'com.docker.compose.oneoff': 'True' }
    const containers = observed.containers.map((one) => ({ ...one, labels: { ...one.labels, ...oneOff } }))
    const left = { ...observed, containers }
    expect(stepLines(planDown(project, left, {}))).not.toContain('remove-container')
    expect(stepLines(planDown(project, left, { removeOrphans: true }))).toContain('stop-container app-db-1')
  })

  test('keeps orphans and tells of them, unless told otherwise', async () => {
    const observed = (await running()).everything()
    const smaller = projectOf({ services: { db: {} } })
    expect(
      planDown(smaller, observed, {})
        .orphans.map((one) => one.containerName)
        .sort(),
    ).toEqual(['app-proxy-1', 'app-web-1'])
    expect(stepLines(planDown(smaller, observed, { removeOrphans: true }))).toContain('remove-container app-web-1')
  })

  test('of nothing is nothing', () => {
    expect(planDown('app', { containers: [], networks: [], volumes: [] }, { volumes: true }).steps).toEqual([])
  })
})

describe('stop', () => {
  test('waits with a service for the nearest running ones that need it', async () => {
    const driver = await running()
    driver.exit('app-web-1', 0)
    expect(stepLines(planStop(project, driver.everything(), {}))).toMatchInlineSnapshot(`
      "#1 stop-container app-proxy-1 (stop was asked for)
      #2 stop-container app-db-1 (stop was asked for) after #1"
    `)
  })

  test('of a named service stops that alone', async () => {
    const plan = planStop(project, (await running()).everything(), { services: ['db'], timeoutMs: 500 })
    expect(plan.steps).toMatchObject([{ kind: 'stop-container', containerName: 'app-db-1', timeoutMs: 500 }])
  })

  test('of an unknown service says which there are', async () => {
    const observed = (await running()).everything()
    expect(() => planStop(project, observed, { services: ['dbb'] })).toThrow('no such service: dbb')
  })
})

describe('start', () => {
  test('starts what is stopped and what it depends on, in order', async () => {
    const driver = await running()
    for (const name of ['app-db-1', 'app-web-1', 'app-proxy-1']) driver.exit(name, 0)
    expect(stepLines(planStart(project, driver.everything(), { services: ['web'] }))).toMatchInlineSnapshot(`
      "#1 start-container app-db-1 (it is exited)
      #2 start-container app-web-1 (it is exited) after #1"
    `)
  })

  test('refuses a service that has no container', () => {
    expect(() => planStart(project, { containers: [], networks: [], volumes: [] }, {})).toThrow(
      'service "proxy" has no container to start',
    )
  })

  test('passes over a service that has no container, where others have and it was not named', async () => {
    const { containers, ...others } = (await running()).everything()
    const observed = { containers: containers.filter((one) => one.containerName !== 'app-proxy-1'), ...others }
    expect(planStart(project, observed, {}).steps).toEqual([])
    expect(() => planStart(project, observed, { services: ['proxy'] })).toThrow('no container to start')
  })
})

test('restart stops and starts each container', async () => {
  expect(stepLines(planRestart(project, (await running()).everything(), { services: ['db'] }))).toMatchInlineSnapshot(`
    "#1 stop-container app-db-1 (restart was asked for)
    #2 start-container app-db-1 (restart was asked for) after #1"
  `)
})

test('kill signals what runs, at once', async () => {
  const driver = await running()
  driver.exit('app-web-1', 0)
  expect(stepLines(planKill(project, driver.everything(), { signalName: 'SIGINT' }))).toMatchInlineSnapshot(`
    "#1 kill-container app-proxy-1 (kill was asked for)
    #2 kill-container app-db-1 (kill was asked for)"
  `)
})

test('rm leaves running containers alone, unless they are to be stopped', async () => {
  const driver = await running()
  driver.exit('app-web-1', 0)
  expect(stepLines(planRemove(project, driver.everything(), {}))).toMatchInlineSnapshot(
    `"#1 remove-container app-web-1 (removal was asked for)"`,
  )
  expect(stepLines(planRemove(project, driver.everything(), { stop: true, services: ['db'] }))).toMatchInlineSnapshot(`
    "#1 stop-container app-db-1 (removal was asked for)
    #2 remove-container app-db-1 (removal was asked for) after #1"
  `)
})
