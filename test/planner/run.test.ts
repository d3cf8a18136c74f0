// What `run` makes of a service: a container that is nobody's replica, after what it needs.
import { describe, expect, test } from 'vitest'
import { type ContainerSpec, LABEL } from '../../src/driver/driver.ts'
import { planDown } from '../../src/planner/down.ts'
import { orphansOf } from '../../src/planner/observed-containers.ts'
import type { UpOptions } from '../../src/planner/options.ts'
import { type OneOff, planRun } from '../../src/planner/run.ts'
import { planKill, planStop } from '../../src/planner/stop.ts'
import { apply, NEVER, surroundingsOf } from '../support/bring-up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { loadText } from '../support/load-text.ts'
import { stepLines } from '../support/plan-text.ts'

const project = loadText(`
name: app
services:
  db: { image: busybox, healthcheck: { test: "true" } }
  init: { image: busybox }
  other: { image: busybox }
  web:
    image: busybox
    depends_on:
      db: { condition: service_healthy }
      init: { condition: service_completed_successfully }
    networks: { default: { aliases: [wally] }, back: {} }
    volumes: [data:/data]
networks: { back: {} }
volumes: { data: {} }
`)
const only = { ...project, services: pick('db', 'init', 'web') }

function pick(...names: readonly string[]) {
  return Object.fromEntries(Object.entries(project.services).filter(([name]) => names.includes(name)))
}

const openDriver = () =>
  createFakeDriver({
    images: ['busybox'],
    program: (spec) => (spec.containerName.includes('init') ? { exitCode: 0 } : { health: ['healthy'] }),
  })

async function plan(driver: FakeDriver, changes: Partial<OneOff> = {}, options: Partial<UpOptions> = {}) {
  const service = only.services.web
  if (service === undefined) throw new Error('there is no "web"')
  const oneOff: OneOff = {
    serviceName: 'web',
    service,
    slug: 'feed'.repeat(16),
    containerName: 'app-web-run-feedfeedfeed',
    aliases: false,
    autoRemove: false,
    start: false,
    ...changes,
  }
  const observed = await driver.observe('app', NEVER)
  return planRun(only, observed, { ...options, surroundings: await surroundingsOf(only, driver), oneOff })
}

async function specOf(changes: Partial<OneOff> = {}): Promise<ContainerSpec> {
  const { steps } = await plan(openDriver(), changes)
  const step = steps.find((one) => one.kind === 'create-container' && one.spec.containerName.includes('-run-'))
  if (step?.kind !== 'create-container') throw new Error('nothing is made')
  return step.spec
}

describe('planRun', () => {
  test('makes the container once what it needs is as it should be', async () => {
    const text = stepLines(await plan(openDriver()))
    expect(text.split('\n').map((line) => line.replace(/ \(.*/, ''))).toEqual([
      '#1 create-network app_back',
      '#2 create-network app_default',
      '#3 create-volume app_data',
      '#4 create-container app-db-1',
      '#5 create-container app-init-1',
      '#6 start-container app-db-1',
      '#7 start-container app-init-1',
      '#8 wait-container app-db-1 healthy',
      '#9 wait-container app-init-1 completed',
      '#10 create-container app-web-run-feedfeedfeed',
    ])
    expect(text).toMatch(/#10 .* after #1 #2 #3 #8 #9$/m)
  })

  test('starts it where nobody wants to hear its first word', async () => {
    const { steps } = await plan(openDriver(), { start: true })
    expect(steps.at(-1)).toMatchObject({
      kind: 'start-container',
      containerName: 'app-web-run-feedfeedfeed',
      after: [10],
    })
  })

  test('gives it the labels of a one-off container, and no number', async () => {
    const { labels } = await specOf()
    expect(labels).toMatchObject({
      [LABEL.oneoff]: 'True',
      [LABEL.slug]: 'feed'.repeat(16),
      [LABEL.service]: 'web',
      [LABEL.project]: 'app',
    })
    expect(labels).not.toHaveProperty(LABEL.containerNumber)
  })

  test('gives it the names of the service on request only', async () => {
    const aliasesOf = ({ networkMode }: ContainerSpec) =>
      networkMode.kind === 'networks' ? networkMode.endpoints.map(({ aliases }) => aliases) : []
    const own = 'app-web-run-feedfeedfeed'
    expect(aliasesOf(await specOf())).toEqual([[own], [own]])
    expect(aliasesOf(await specOf({ aliases: true }))).toEqual([
      [own, 'web'],
      [own, 'web', 'wally'],
    ])
  })

  test('says that it goes at its end', async () => {
    expect(await specOf()).not.toHaveProperty('autoRemove')
    expect(await specOf({ autoRemove: true })).toMatchObject({ autoRemove: true })
  })

  test('leaves what runs already alone, replicas of the service too', async () => {
    const driver = openDriver()
    await apply(await plan(driver, { start: true }), driver)
    const again = await plan(driver, { start: true, containerName: 'second' })
    expect(again.steps.filter(({ kind }) => kind !== 'wait-container').map(({ kind }) => kind)).toEqual([
      'start-container',
      'create-container',
      'start-container',
    ])
    expect(again.unchanged.map(({ containerName }) => containerName)).toEqual(['app-db-1'])
  })

  test('says what is missing before anything is done', async () => {
    const service = { image: 'nowhere' }
    await expect(plan(openDriver(), { service }, { pull: 'never' })).rejects.toThrow('"nowhere" is not here')
  })
})

describe('a one-off container', () => {
  async function world() {
    const driver = openDriver()
    await apply(await plan(driver, { start: true }), driver)
    return { driver, observed: await driver.observe('app', NEVER) }
  }

  test('is passed over by stop, and not by kill', async () => {
    const { observed } = await world()
    const namesOf = (made: ReturnType<typeof planStop>) =>
      made.steps.map((step) => ('containerName' in step ? step.containerName : ''))
    expect(namesOf(planStop(project, observed, {}))).toEqual(['app-db-1'])
    expect(namesOf(planKill(project, observed, { signalName: 'SIGKILL' })).sort()).toEqual([
      'app-db-1',
      'app-web-run-feedfeedfeed',
    ])
    expect(namesOf(planKill(project, observed, { signalName: 'SIGKILL', services: ['db'] }))).toEqual(['app-db-1'])
  })

  test('is taken away by down --remove-orphans, whether it runs or not, and by no other down', async () => {
    const { observed } = await world()
    const plan = planDown(project, observed, { removeOrphans: true })
    expect(stepLines(plan)).toContain('stop-container app-web-run-feedfeedfeed')
    expect(stepLines(plan)).toContain('remove-container app-web-run-feedfeedfeed')
    expect(stepLines(planDown(project, observed, {}))).not.toContain('feedfeedfeed')
  })

  test('is an orphan once it has ended', async () => {
    const { driver, observed } = await world()
    expect(orphansOf(project, observed.containers)).toEqual([])
    const one = observed.containers.find(({ containerName }) => containerName.includes('-run-'))
    await driver.stopContainer(one?.containerId ?? '', {}, NEVER)
    const later = await driver.observe('app', NEVER)
    expect(orphansOf(project, later.containers).map(({ containerName }) => containerName)).toEqual([
      'app-web-run-feedfeedfeed',
    ])
  })
})
