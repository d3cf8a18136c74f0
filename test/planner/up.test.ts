import { describe, expect, test } from 'vitest'
import { ComposeError } from '../../src/diagnostic.ts'
import { LABEL } from '../../src/driver/driver.ts'
import { planDown } from '../../src/planner/down.ts'
import type { UpOptions } from '../../src/planner/options.ts'
import { isEmpty } from '../../src/planner/plan.ts'
import { planKill } from '../../src/planner/stop.ts'
import { planPull } from '../../src/planner/up-images.ts'
import { apply, planFor, surroundingsOf, up } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { stepLines } from '../support/plan-text.ts'
import { only, projectOf, type Written } from '../support/projects.ts'

const busybox = { images: ['busybox', 'nginx:1', 'nginx:2'] }
const needs = (condition: 'service_started' | 'service_healthy' | 'service_completed_successfully', rest = {}) => ({
  condition,
  required: true,
  ...rest,
})

/** The plan that leads from the first project to the second. */
async function change(from: Written, to: Written, options: Parameters<typeof planFor>[2] = {}): Promise<string> {
  const driver = createFakeDriver(busybox)
  await up(projectOf(from), driver)
  return stepLines(await planFor(projectOf(to), driver, options))
}

describe('a first up', () => {
  test('makes networks, volumes and containers, each as soon as its own parts are there', async () => {
    const project = projectOf({
      services: {
        web: { image: 'nginx:1', depends_on: { db: needs('service_started') } },
        db: { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
      },
      volumes: { data: { name: 'app_data' } },
    })
    expect(stepLines(await planFor(project, createFakeDriver({ images: ['busybox'] })))).toMatchInlineSnapshot(`
      "#1 create-network app_default (not found)
      #2 create-volume app_data (not found)
      #3 pull-image nginx:1 (not found)
      #4 create-container app-db-1 (not found) after #1 #2
      #5 create-container app-web-1 (not found) after #1 #3
      #6 start-container app-db-1 (created) after #4
      #7 start-container app-web-1 (created) after #5 #6"
    `)
  })

  test('waits for health where health is asked for, once for all who ask', async () => {
    const project = projectOf({
      services: {
        a: { depends_on: { db: needs('service_healthy') } },
        b: { depends_on: { db: needs('service_healthy') } },
        db: {},
      },
    })
    expect(stepLines(await planFor(project, createFakeDriver(busybox)))).toMatchInlineSnapshot(`
      "#1 create-network app_default (not found)
      #2 create-container app-db-1 (not found) after #1
      #3 create-container app-a-1 (not found) after #1
      #4 create-container app-b-1 (not found) after #1
      #5 start-container app-db-1 (created) after #2
      #6 wait-container app-db-1 healthy (others depend on it) after #5
      #7 start-container app-a-1 (created) after #3 #6
      #8 start-container app-b-1 (created) after #4 #6"
    `)
  })

  test('creates and starts nothing for a service scaled to 0', async () => {
    const project = projectOf({ services: { web: { depends_on: { db: needs('service_healthy') } }, db: { scale: 0 } } })
    expect(stepLines(await planFor(project, createFakeDriver(busybox)))).toMatchInlineSnapshot(`
      "#1 create-network app_default (not found)
      #2 create-container app-web-1 (not found) after #1
      #3 start-container app-web-1 (created) after #2"
    `)
  })

  test('can leave the containers unstarted', async () => {
    expect(
      stepLines(await planFor(projectOf({ services: { web: {} } }), createFakeDriver(busybox), { start: false })),
    ).toMatchInlineSnapshot(`
      "#1 create-network app_default (not found)
      #2 create-container app-web-1 (not found) after #1"
    `)
  })
})

describe('a second up', () => {
  test('has nothing to do', async () => {
    const driver = createFakeDriver(busybox)
    const plain = projectOf({ services: { web: { scale: 3 }, db: {} } })
    await up(plain, driver)
    const plan = await planFor(plain, driver)
    expect(isEmpty(plan)).toBe(true)
    expect(plan.unchanged.map((one) => one.containerName)).toEqual(['app-web-1', 'app-web-2', 'app-web-3', 'app-db-1'])
  })

  test('starts what has exited', async () => {
    const driver = createFakeDriver(busybox)
    const project = projectOf({ services: { web: {} } })
    await up(project, driver)
    driver.exit('app-web-1', 3)
    expect(stepLines(await planFor(project, driver))).toMatchInlineSnapshot(
      `"#1 start-container app-web-1 (it has exited (3))"`,
    )
  })

  test('leaves a job alone that ended well, as long as those who waited for it are up', async () => {
    const driver = createFakeDriver({
      ...busybox,
      program: (spec) => (spec.containerName.includes('job') ? { exitCode: 0 } : {}),
    })
    const project = projectOf({
      services: { web: { depends_on: { job: needs('service_completed_successfully') } }, job: {} },
    })
    await up(project, driver)
    expect(isEmpty(await planFor(project, driver))).toBe(true)
    driver.exit('app-web-1', 1)
    expect(stepLines(await planFor(project, driver))).toMatchInlineSnapshot(`
      "#1 start-container app-job-1 (it has exited (0))
      #2 wait-container app-job-1 completed (others depend on it) after #1
      #3 start-container app-web-1 (it has exited (1)) after #2"
    `)
  })
})

describe('a changed service', () => {
  test('is exchanged beside the old container, and says which field changed', async () => {
    const driver = createFakeDriver(busybox)
    await up(projectOf({ services: { web: { image: 'nginx:1' } } }), driver)
    const plan = await planFor(projectOf({ services: { web: { image: 'nginx:2', restart: 'always' } } }), driver)
    expect(plan.steps[0]?.because).toEqual({
      reason: 'changed',
      field: ['services', 'web', 'image'],
      old: 'nginx:1',
      new: 'nginx:2',
      at: { file: 'compose.yaml', line: 3, column: 5 },
      also: [['services', 'web', 'restart']],
    })
    expect(plan.steps.map((step) => step.kind)).toEqual([
      'create-container',
      'stop-container',
      'remove-container',
      'rename-container',
      'start-container',
    ])
    await apply(plan, driver)
    expect(driver.everything().containers.map((one) => [one.containerName, one.image, one.status])).toEqual([
      ['app-web-1', 'nginx:2', 'running'],
    ])
    expect(driver.specOf('app-web-1')?.labels[LABEL.replace]).toBe('app-web-1')
  })

  test('is left alone with --no-recreate', async () => {
    expect(
      await change({ services: { web: {} } }, { services: { web: { hostname: 'x' } } }, { recreate: 'never' }),
    ).toBe('')
  })

  test('that only came along follows the wish for dependencies', async () => {
    const both = { services: { web: { depends_on: { db: needs('service_started') } }, db: {} } }
    const forced = await change(both, both, { services: ['web'], recreate: 'force' })
    expect(forced).not.toContain('db')
    const never = await change(both, both, { services: ['web'], recreateDependencies: 'force' })
    expect(never).not.toContain('web')
    expect(never).toContain('app-db-1')
  })

  test('is recreated for a tag that stands for another image', async () => {
    const driver = createFakeDriver(busybox)
    const project = projectOf({ services: { web: {} } })
    await up(project, driver)
    driver.publishImage('busybox', 'newer')
    const signal = new AbortController().signal
    await driver.pullImage({ image: 'busybox' }, () => undefined, signal)
    const [first] = (await planFor(project, driver)).steps
    expect(first?.because).toMatchObject({ reason: 'image updated', field: ['services', 'web', 'image'] })
    await up(project, driver)
    expect(isEmpty(await planFor(project, driver))).toBe(true)
  })

  test('takes services along that live in its namespaces: the guest goes before the host, and comes after it', async () => {
    const guest = { network_mode: 'service:web' }
    expect(
      await change({ services: { web: {}, guest } }, { services: { web: { hostname: 'x' }, guest } }),
    ).toMatchInlineSnapshot(`
      "#1 create-container 48d2552fe79c_app-web-1 (added)
      #2 stop-container app-guest-1 (the container of "web", in which it lives, is exchanged)
      #3 stop-container app-web-1 (added) after #1 #2
      #4 remove-container app-web-1 (added) after #1 #2 #3
      #5 rename-container 48d2552fe79c_app-web-1 to app-web-1 (added) after #1 #4
      #6 remove-container app-guest-1 (the container of "web", in which it lives, is exchanged) after #2
      #7 create-container app-guest-1 (the container of "web", in which it lives, is exchanged) after #5 #6
      #8 start-container app-web-1 (recreated) after #5
      #9 start-container app-guest-1 (recreated) after #7 #8"
    `)
  })

  test('restarts who asked to be restarted with it', async () => {
    const web = { depends_on: { db: needs('service_started', { restart: true }) } }
    expect(
      await change({ services: { web, db: {} } }, { services: { web, db: { hostname: 'x' } } }),
    ).toMatchInlineSnapshot(`
      "#1 create-container 48d2552fe79c_app-db-1 (added)
      #2 stop-container app-web-1 ("db", which it depends on with "restart: true", is recreated)
      #3 stop-container app-db-1 (added) after #1 #2
      #4 remove-container app-db-1 (added) after #1 #2 #3
      #5 rename-container 48d2552fe79c_app-db-1 to app-db-1 (added) after #1 #4
      #6 start-container app-db-1 (recreated) after #5
      #7 start-container app-web-1 ("db", which it depends on with "restart: true", is recreated) after #2 #6"
    `)
  })

  test('hands its anonymous volumes on, unless new ones are asked for', async () => {
    const volumes = [{ type: 'volume' as const, target: '/data' }]
    const driver = createFakeDriver(busybox)
    await up(projectOf({ services: { web: { volumes } } }), driver)
    const nameNow = () => driver.everything().containers[0]?.mounts[0]?.name
    const first = nameNow()
    await up(projectOf({ services: { web: { volumes, hostname: 'x' } } }), driver)
    expect(nameNow()).toBe(first)
    await up(projectOf({ services: { web: { volumes, hostname: 'y' } } }), driver, { renewAnonymousVolumes: true })
    expect(nameNow()).not.toBe(first)
  })

  test('starts only after whoever held its host port has stopped', async () => {
    const ports = [{ target: 80, published: '8080' }]
    const text = await change({ services: { a: { ports }, b: {} } }, { services: { a: {}, b: { ports } } })
    expect(text).toMatchInlineSnapshot(`
      "#1 create-container 48d2552fe79c_app-a-1 (removed)
      #2 stop-container app-a-1 (removed) after #1
      #3 remove-container app-a-1 (removed) after #1 #2
      #4 rename-container 48d2552fe79c_app-a-1 to app-a-1 (removed) after #1 #3
      #5 create-container 8ef3c17ee3bf_app-b-1 (added)
      #6 stop-container app-b-1 (added) after #5
      #7 remove-container app-b-1 (added) after #5 #6
      #8 rename-container 8ef3c17ee3bf_app-b-1 to app-b-1 (added) after #5 #7
      #9 start-container app-a-1 (recreated) after #4
      #10 start-container app-b-1 (recreated) after #2 #8"
    `)
  })
})

describe('scale', () => {
  test('up adds the next numbers', async () => {
    expect(
      await change({ services: { web: {} } }, { services: { web: {} } }, { scale: { web: 3 } }),
    ).toMatchInlineSnapshot(`
      "#1 create-container app-web-2 (scale 1 -> 3)
      #2 create-container app-web-3 (scale 1 -> 3)
      #3 start-container app-web-2 (created) after #1
      #4 start-container app-web-3 (created) after #2"
    `)
  })

  test('down removes the outdated first, then the highest numbers', async () => {
    expect(
      await change({ services: { web: { scale: 3 } } }, { services: { web: { scale: 1 } } }),
    ).toMatchInlineSnapshot(`
      "#1 stop-container app-web-2 (scale 3 -> 1)
      #2 remove-container app-web-2 (scale 3 -> 1) after #1
      #3 stop-container app-web-3 (scale 3 -> 1)
      #4 remove-container app-web-3 (scale 3 -> 1) after #3"
    `)
  })

  test('of a service with a container_name is refused', async () => {
    const planning = planFor(
      projectOf({ services: { web: { container_name: 'x', scale: 2 } } }),
      createFakeDriver(busybox),
    )
    await expect(planning).rejects.toThrow('service "web" can\'t have 2 containers: its container_name "x" is for one')
  })
})

describe('networks and volumes', () => {
  test('a changed network is made anew between the old containers and the new ones', async () => {
    const services = { web: {} }
    const text = await change(
      { services },
      { services, networks: { default: { name: 'app_default', internal: true } } },
    )
    expect(text).toMatchInlineSnapshot(`
      "#1 stop-container app-web-1 (changed)
      #2 remove-container app-web-1 (changed) after #1
      #3 remove-network app_default (changed) after #2
      #4 create-network app_default (changed) after #3
      #5 create-container app-web-1 (changed) after #2 #4
      #6 start-container app-web-1 (recreated) after #5"
    `)
  })

  test('a stopped container whose network somebody removed is exchanged: the next network of that name is another one', async () => {
    const driver = createFakeDriver(busybox)
    const project = projectOf({ services: { web: {} } })
    await up(project, driver)
    const signal = new AbortController().signal
    const [web] = (await driver.observe('app', signal)).containers
    await driver.stopContainer(web?.containerId ?? expect.fail('there is one'), {}, signal)
    await driver.removeNetwork('app_default', signal)
    expect(stepLines(await planFor(project, driver))).toMatchInlineSnapshot(`
      "#1 create-network app_default (not found)
      #2 create-container 48d2552fe79c_app-web-1 (network "app_default" is not attached) after #1
      #3 remove-container app-web-1 (network "app_default" is not attached) after #2
      #4 rename-container 48d2552fe79c_app-web-1 to app-web-1 (network "app_default" is not attached) after #2 #3
      #5 start-container app-web-1 (recreated) after #4"
    `)
  })

  test('a changed network is kept while a container outside of the plan is on it', async () => {
    const driver = createFakeDriver(busybox)
    const before = projectOf({ services: { web: {}, db: {} } })
    await up(before, driver)
    const after = projectOf({
      services: { web: {}, db: {} },
      networks: { default: { name: 'app_default', internal: true } },
    })
    const plan = await planFor(only(after, ['web']), driver)
    expect(plan.steps).toEqual([])
    expect(plan.warnings.map((one) => one.code)).toEqual(['network-held'])
  })

  test('a changed volume is kept with its data', async () => {
    const web = { volumes: [{ type: 'volume' as const, source: 'data', target: '/data' }] }
    const driver = createFakeDriver(busybox)
    await up(projectOf({ services: { web }, volumes: { data: { name: 'app_data' } } }), driver)
    const plan = await planFor(
      projectOf({ services: { web }, volumes: { data: { name: 'app_data', driver: 'other' } } }),
      driver,
    )
    expect(plan.steps).toEqual([])
    expect(plan.warnings.map((one) => one.code)).toEqual(['volume-changed'])
  })

  test('external ones have to be there', async () => {
    const project = projectOf({
      services: { web: { networks: { lan: null }, volumes: [{ type: 'volume', source: 'data', target: '/data' }] } },
      networks: { lan: { name: 'lan', external: true } },
      volumes: { data: { name: 'data', external: true } },
    })
    const driver = createFakeDriver(busybox)
    const problems = await planFor(project, driver).catch((error: unknown) => error)
    expect(problems).toBeInstanceOf(ComposeError)
    expect((problems as ComposeError).diagnostics.map((one) => one.message)).toEqual([
      'network "lan" declared as external, but could not be found',
      'external volume "data" not found',
    ])
    driver.addNetwork({ networkId: '1', networkName: 'lan', driver: 'bridge', labels: {} })
    driver.addVolume({ volumeName: 'data', driver: 'local', labels: {} })
    expect(stepLines(await planFor(project, driver))).toMatchInlineSnapshot(`
      "#1 create-container app-web-1 (not found)
      #2 start-container app-web-1 (created) after #1"
    `)
  })
})

describe('images', () => {
  test('that are missing may not be fetched with pull policy never', async () => {
    const planning = planFor(projectOf({ services: { web: { image: 'gone' } } }), createFakeDriver(busybox), {
      pull: 'never',
    })
    await expect(planning).rejects.toThrow('image "gone" is not here')
  })

  test('are fetched once for all services that use them', async () => {
    const driver = createFakeDriver()
    const plan = await planFor(projectOf({ services: { a: {}, b: {} } }), driver)
    expect(plan.steps.filter((step) => step.kind === 'pull-image')).toHaveLength(1)
    await apply(plan, driver)
    expect(isEmpty(await planFor(projectOf({ services: { a: {}, b: {} } }), driver))).toBe(true)
  })
})

describe('pulling before planning', () => {
  test('is for images that are to be fetched in any case, of services that have containers', async () => {
    const driver = createFakeDriver(busybox)
    const project = projectOf({
      services: { web: { pull_policy: 'always' }, db: { image: 'nginx:1' }, new: { image: 'nginx:2' } },
    })
    await up(only(project, ['web', 'db']), driver)
    const options = { surroundings: await surroundingsOf(project, driver) }
    const pulling = (more: Partial<UpOptions>) =>
      stepLines(planPull(project, driver.everything(), { ...options, ...more }))
    expect(pulling({})).toBe('#1 pull-image busybox (pull policy is always)')
    expect(pulling({ pull: 'always' })).toBe(
      '#1 pull-image busybox (pull policy is always)\n#2 pull-image nginx:1 (pull policy is always)',
    )
    expect(pulling({ pull: 'never' })).toBe('')
    expect(pulling({ pulled: ['busybox'] })).toBe('')
  })
})

describe('orphans', () => {
  test('are told of, and removed only on request', async () => {
    const driver = createFakeDriver(busybox)
    await up(projectOf({ services: { web: {}, old: {} } }), driver)
    const project = projectOf({ services: { web: {} } })
    expect((await planFor(project, driver)).orphans.map((one) => one.containerName)).toEqual(['app-old-1'])
    expect(stepLines(await planFor(project, driver, { removeOrphans: true }))).toMatchInlineSnapshot(`
      "#1 stop-container app-old-1 (it belongs to no service of the project)
      #2 remove-container app-old-1 (it belongs to no service of the project) after #1"
    `)
  })

  test('that belong to files in another directory stay, also when they are asked for', async () => {
    const driver = createFakeDriver(busybox)
    await up({ ...projectOf({ services: { old: {} } }), workingDir: '/home/other' }, driver)
    const project = projectOf({ services: { web: {} } })
    for (const plan of [
      await planFor(project, driver, { removeOrphans: true }),
      planDown(project, driver.everything(), { removeOrphans: true }),
      planKill(project, driver.everything(), { removeOrphans: true, signalName: 'SIGKILL' }),
    ])
      expect(stepLines(plan)).not.toContain('app-old-1')
    const { orphans } = await planFor(project, driver, { removeOrphans: true })
    expect(orphans.map((one) => one.containerName)).toEqual(['app-old-1'])
  })

  test('are not the services that were left out this time', async () => {
    const driver = createFakeDriver(busybox)
    const project = projectOf({ services: { web: {}, db: {} } })
    await up(project, driver)
    expect((await planFor(only(project, ['web']), driver)).orphans).toEqual([])
  })
})

describe('after an interruption', () => {
  test('or an up without it, a guest is exchanged when the container it lived in has gone', async () => {
    const guest = { network_mode: 'service:web' }
    const driver = createFakeDriver(busybox)
    await up(projectOf({ services: { web: {}, guest } }), driver)
    const project = projectOf({ services: { web: { hostname: 'x' }, guest } })
    await up(only(project, ['web']), driver)
    await up(project, driver)
    const host = driver.everything().containers.find((one) => one.containerName === 'app-web-1')
    expect(driver.specOf('app-guest-1')?.networkMode).toEqual({ kind: 'container', containerId: host?.containerId })
    expect(isEmpty(await planFor(project, driver))).toBe(true)
  })

  test.each([1, 2, 3, 4])('behind step %i of an exchange the next up finishes it', async (count) => {
    const cancel = new AbortController()
    let calls = 0
    let armed = false
    const driver = createFakeDriver({
      ...busybox,
      onCall: () => {
        if (armed && calls++ === count) cancel.abort()
      },
    })
    await up(projectOf({ services: { web: {} } }), driver)
    const project = projectOf({ services: { web: { hostname: 'x' } } })
    const plan = await planFor(project, driver)
    armed = true
    await expect(apply(plan, driver, cancel.signal)).rejects.toThrow()
    armed = false
    await up(project, driver)
    expect(driver.everything().containers.map((one) => [one.containerName, one.status])).toEqual([
      ['app-web-1', 'running'],
    ])
    expect(driver.specOf('app-web-1')?.hostname).toBe('x')
    expect(isEmpty(await planFor(project, driver))).toBe(true)
  })
})
