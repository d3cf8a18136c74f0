import { describe, expect, test } from 'vitest'
import type { Service } from '../../src/model/project.ts'
import { applyPlan } from '../../src/planner/apply.ts'
import { planDown } from '../../src/planner/down.ts'
import type { Plan } from '../../src/planner/plan.ts'
import { planRestart, planStart } from '../../src/planner/start.ts'
import { planKill, planRemove, planStop } from '../../src/planner/stop.ts'
import { renderPlan } from '../../src/view/plan.ts'
import { apply, NEVER, planFor, up } from '../support/bring-up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { projectOf } from '../support/projects.ts'

const say = (word: string) => ({ command: ['echo', word], environment: { A: 'b', UNSET: null }, working_dir: '/srv' })
const hooked: Partial<Service> = { post_start: [say('hello'), say('again')], pre_stop: [say('bye')] }
const needsWeb = { depends_on: { web: { condition: 'service_started' as const, required: true } } }

const open = (): FakeDriver => createFakeDriver({ images: ['busybox'] })
const running = async (services: Readonly<Record<string, Partial<Service>>>) => {
  const driver = open()
  const project = projectOf({ services })
  await up(project, driver)
  return { driver, project, from: driver.calls.length }
}
const around = (driver: FakeDriver, from = 0): readonly string[] =>
  driver.calls
    .slice(from)
    .filter(({ method }) => ['startContainer', 'exec', 'stopContainer', 'removeContainer'].includes(method))
    .map(({ method, subject }) => `${method} ${subject}`)

/** What hooks said, and what went wrong. */
async function walk(plan: Plan, driver: FakeDriver) {
  const heard: string[] = []
  const hookListener = {
    onRunning: (name: string) => heard.push(`${name} runs`),
    onOutput: ({ containerName, data }: { readonly containerName: string; readonly data: Uint8Array }) =>
      heard.push(`${containerName}: ${Buffer.from(data)}`),
  }
  const error = await applyPlan(plan, driver, { onEvent: () => {}, signal: NEVER, now: () => 0, hookListener }).then(
    () => undefined,
    (reason: Error) => reason.message,
  )
  return { heard, error }
}

describe('post_start', () => {
  test('is run in its order when the container runs, before a dependent is started', async () => {
    const driver = open()
    const project = projectOf({ services: { web: hooked, proxy: needsWeb } })
    const { heard, error } = await walk(await planFor(project, driver), driver)
    expect(error).toBeUndefined()
    expect(heard).toEqual(['app-web-1 runs', 'app-web-1: hello\n', 'app-web-1: again\n'])
    expect(around(driver)).toEqual([
      'startContainer app-web-1',
      'exec app-web-1',
      'exec app-web-1',
      'startContainer app-proxy-1',
    ])
  })

  test('that fails is the last thing that is done; the container runs on', async () => {
    const driver = open()
    const web = { post_start: [{ command: ['false'] }, say('never')] }
    const project = projectOf({ services: { web, proxy: needsWeb } })
    const { heard, error } = await walk(await planFor(project, driver), driver)
    expect(error).toBe('web hook exited with status 1')
    expect(heard).toEqual(['app-web-1 runs'])
    expect(driver.everything().containers.map((one) => `${one.containerName} ${one.status}`)).toEqual([
      'app-web-1 running',
      'app-proxy-1 created',
    ])
  })

  test('is run with what the file says of it', async () => {
    const web = { post_start: [{ ...say('x'), user: 'me', privileged: true }] }
    const plan = await planFor(projectOf({ services: { web } }), open())
    expect(plan.steps.flatMap((step) => (step.kind === 'start-container' ? (step.postStart ?? []) : []))).toEqual([
      {
        kind: 'post_start',
        at: { file: 'compose.yaml', line: 3, column: 5 },
        spec: {
          argv: ['echo', 'x'],
          environment: ['A=b'],
          user: 'me',
          workingDir: '/srv',
          tty: false,
          stdin: false,
          privileged: true,
          detach: false,
        },
      },
    ])
  })

  test('is run again by start and restart', async () => {
    const { driver, project, from } = await running({ web: hooked })
    await apply(planRestart(project, driver.everything(), {}), driver)
    expect(around(driver, from)).toEqual([
      'exec app-web-1',
      'stopContainer app-web-1',
      'startContainer app-web-1',
      'exec app-web-1',
      'exec app-web-1',
    ])
    await apply(planKill(project, driver.everything(), { signalName: 'SIGKILL' }), driver)
    const at = driver.calls.length
    await apply(planStart(project, driver.everything(), {}), driver)
    expect(around(driver, at)).toEqual(['startContainer app-web-1', 'exec app-web-1', 'exec app-web-1'])
  })
})

describe('pre_stop', () => {
  test.each([
    ['stop', planStop, ['exec app-web-1', 'stopContainer app-web-1']],
    ['down', planDown, ['exec app-web-1', 'stopContainer app-web-1', 'removeContainer app-web-1']],
    [
      'rm --stop',
      (...[project, observed]: Parameters<typeof planStop>) => planRemove(project, observed, { stop: true }),
      ['exec app-web-1', 'stopContainer app-web-1', 'removeContainer app-web-1'],
    ],
  ])('comes before a %s', async (_, planner, expected) => {
    const { driver, project, from } = await running({ web: hooked })
    await apply(planner(project, driver.everything(), {}), driver)
    expect(around(driver, from)).toEqual(expected)
  })

  test('comes before an exchange and before scaling down', async () => {
    const { driver, from } = await running({ web: { ...hooked, scale: 2 } })
    await up(projectOf({ services: { web: hooked } }), driver)
    expect(around(driver, from)).toEqual(['exec app-web-2', 'stopContainer app-web-2', 'removeContainer app-web-2'])
    const at = driver.calls.length
    await up(projectOf({ services: { web: { ...hooked, hostname: 'other' } } }), driver)
    expect(around(driver, at).slice(0, 3)).toEqual([
      'exec app-web-1',
      'stopContainer app-web-1',
      'removeContainer app-web-1',
    ])
  })

  test('that fails leaves the container running', async () => {
    const { driver, project } = await running({ web: { pre_stop: [{ command: ['false'] }] } })
    const { error } = await walk(planDown(project, driver.everything(), {}), driver)
    expect(error).toBe('web hook exited with status 1')
    expect(driver.everything().containers.map((one) => one.status)).toEqual(['running'])
  })

  test('does not hold up what has ended meanwhile', async () => {
    const { driver, project } = await running({ web: hooked })
    const plan = planStop(project, driver.everything(), {})
    await apply(planKill(project, driver.everything(), { signalName: 'SIGKILL' }), driver)
    expect(await walk(plan, driver)).toEqual({ heard: [], error: undefined })
  })

  test('is not run by a kill, nor in a container that is paused', async () => {
    const { driver, project } = await running({ web: hooked })
    const paused = driver.everything().containers.map((one) => ({ ...one, status: 'paused' as const }))
    expect(planStop(project, { ...driver.everything(), containers: paused }, {}).steps).not.toEqual([
      expect.objectContaining({ preStop: expect.anything() }),
    ])
    const from = driver.calls.length
    await apply(planKill(project, driver.everything(), { signalName: 'SIGKILL' }), driver)
    expect(around(driver, from)).toEqual([])
  })
})

describe('pre_start', () => {
  const job = (command: string, more: object = {}) => ({ command: [command], ...more })
  const jobs: Partial<Service> = {
    image: 'busybox',
    command: ['serve'],
    user: 'web',
    environment: { A: 'service', B: 'service' },
    ports: [{ target: 80, published: '8080' }],
    networks: { default: { aliases: ['w'], ipv4_address: '10.0.0.2' } },
    volumes: [{ type: 'volume', source: 'data', target: '/data' }],
    labels: { mine: 'yes' },
    restart: 'always',
    pre_start: [job('migrate', { environment: { A: 'hook' }, working_dir: '/w' }), job('warm', { per_replica: true })],
  }
  const openWith = (exitCode: number, output: readonly string[] = []) =>
    createFakeDriver({
      images: ['busybox', 'tool'],
      program: ({ command }) => (command?.[0] === 'serve' ? {} : { exitCode, output }),
    })
  const projectWith = (web: Partial<Service>) =>
    projectOf({ services: { web }, volumes: { data: { name: 'app_data' } } })
  const made = (driver: FakeDriver, from = 0) =>
    driver.calls
      .slice(from)
      .flatMap(({ method, subject }) =>
        method === 'startAttached' || (method === 'startContainer' && !subject.includes('pre_start')) ? [subject] : [],
      )

  test('is run once for the service or once for each container, one after the other, before they start', async () => {
    const driver = openWith(0)
    await up(projectWith({ ...jobs, ports: [], scale: 2 }), driver)
    expect(made(driver)).toEqual([
      'app-web-pre_start-1',
      'app-web-1-pre_start-2',
      'app-web-2-pre_start-2',
      'app-web-1',
      'app-web-2',
    ])
    expect(driver.everything().containers.map((one) => one.containerName)).toEqual(['app-web-1', 'app-web-2'])
  })

  test('is not run again for a container that was started before, and again for a new one', async () => {
    const driver = openWith(0)
    const web = { ...jobs, ports: [] }
    await up(projectWith(web), driver)
    await apply(planStop(projectWith(web), driver.everything(), {}), driver)
    let from = driver.calls.length
    await apply(planStart(projectWith(web), driver.everything(), {}), driver)
    expect(made(driver, from)).toEqual(['app-web-1'])
    from = driver.calls.length
    await up(projectWith({ ...web, scale: 2 }), driver)
    expect(made(driver, from)).toEqual(['app-web-2-pre_start-2', 'app-web-2'])
    from = driver.calls.length
    await up(projectWith({ ...web, hostname: 'other' }), driver)
    expect(made(driver, from)).toEqual(['app-web-pre_start-1', 'app-web-1-pre_start-2', 'app-web-1'])
  })

  test('that fails lets nothing start, says why, and leaves nothing behind', async () => {
    const driver = openWith(4)
    const project = projectWith(jobs)
    const { error } = await walk(await planFor(project, driver), driver)
    expect(error).toBe('web hook exited with status 4')
    expect(made(driver)).toEqual(['app-web-pre_start-1'])
    expect(driver.everything().containers.map((one) => `${one.containerName} ${one.status}`)).toEqual([
      'app-web-1 created',
    ])
    const again = await planFor(project, driver)
    expect(again.steps.map((step) => step.kind)).toEqual(['run-container', 'run-container', 'start-container'])
  })

  test('has the surroundings of the service, and nothing that would make it one of its containers', async () => {
    const plan = await planFor(projectWith(jobs), openWith(0))
    const [spec = expect.fail('nothing is run')] = plan.steps.flatMap((step) =>
      step.kind === 'run-container' ? [step.spec] : [],
    )
    expect(spec).toMatchObject({
      image: 'busybox',
      command: ['migrate'],
      user: 'web',
      workingDir: '/w',
      environment: ['A=hook', 'B=service'],
      ports: [],
      restart: { kind: 'no' },
      healthcheck: { test: ['NONE'] },
      mounts: [{ kind: 'volume', volumeName: 'app_data' }],
      networkMode: { endpoints: [{ networkName: 'app_default', aliases: ['app-web-pre_start-1'] }] },
      labels: { 'com.docker.compose.hook': 'pre_start', 'com.docker.compose.service': 'web' },
    })
    expect(spec.networkMode).not.toMatchObject({ endpoints: [{ ipv4Address: expect.anything() }] })
    expect(Object.keys(spec.labels)).not.toContain('mine')
    expect(Object.keys(spec.labels)).not.toContain('com.docker.compose.config-hash')
  })

  test('has an image of its own fetched, whose user it has then', async () => {
    const web = { ...jobs, pre_start: [{ image: 'tool:2' }] }
    const plan = await planFor(projectWith(web), openWith(0))
    const [pull, run] = ['pull-image', 'run-container'].map((kind) => plan.steps.find((step) => step.kind === kind))
    expect(pull).toMatchObject({ image: 'tool:2' })
    expect(run?.after).toContain(pull?.id)
    expect(run).toMatchObject({ spec: { image: 'tool:2' } })
    expect(run).not.toMatchObject({ spec: { user: expect.anything() } })
    expect(run).not.toMatchObject({ spec: { command: expect.anything() } })
  })

  test('that was left behind is taken away, by up and by down', async () => {
    const driver = openWith(0)
    const project = projectWith(jobs)
    const plan = await planFor(project, driver)
    for (const step of plan.steps) {
      if (step.kind === 'create-network') await driver.createNetwork(step.spec, NEVER)
      if (step.kind === 'create-volume') await driver.createVolume(step.spec, NEVER)
      if (step.kind === 'run-container' && step.spec.containerName === 'app-web-pre_start-1')
        await driver.createContainer(step.spec, NEVER)
    }
    expect((await planFor(project, driver)).orphans).toEqual([])
    const gone = planDown(project, driver.everything(), {})
    expect(gone.steps.map((step) => step.kind)).toEqual(['remove-container', 'remove-network'])
    await up(project, driver)
    expect(driver.everything().containers.map((one) => one.containerName)).toEqual(['app-web-1'])
  })
})

test('a plan says where hooks are run', async () => {
  const { driver, project } = await running({ web: hooked })
  expect(renderPlan(planStop(project, driver.everything(), {}))).toContain(
    'x stop container app-web-1 after its pre_stop, because stop was asked for',
  )
  expect(renderPlan(await planFor(project, open()))).toContain('> start container app-web-1 and run its post_start\n')
})
