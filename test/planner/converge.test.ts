/** Whatever the world was like, `up` makes it what the model says, in any interleaving and after being killed anywhere. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Project, Service } from '../../src/model/project.ts'
import { planDown } from '../../src/planner/down.ts'
import { scaleOf } from '../../src/planner/names.ts'
import { isEmpty } from '../../src/planner/plan.ts'
import { apply, down, planFor, up } from '../support/bring-up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { projectOf } from '../support/projects.ts'

const NAMES = ['a', 'b', 'c', 'd'] as const

/** How one service is drawn; what it depends on is one of those before it. */
const often = fc.constantFrom(true, true, true, false)
const seldom = fc.constantFrom(false, false, false, true)
const drawnService = fc.record({
  isPresent: often,
  image: fc.constantFrom('busybox', 'nginx:1'),
  hostname: fc.constantFrom(undefined, 'x'),
  policy: fc.constantFrom(undefined, 'always', 'on-failure:3'),
  colour: fc.constantFrom('red', 'blue'),
  cpus: fc.constantFrom(undefined, 0.5, 2),
  memory: fc.constantFrom(undefined, '64000000', '128000000'),
  scale: fc.constantFrom(1, 1, 1, 1, 0, 2, 3),
  isNamed: fc.boolean(),
  isPublished: fc.boolean(),
  isJob: seldom,
  lives: fc.boolean(),
  restarts: fc.boolean(),
  isRequired: often,
  condition: fc.constantFrom('service_started' as const, 'service_healthy' as const),
  dependsOn: fc.option(fc.nat(2), { nil: undefined, freq: 4 }),
  volume: fc.constantFrom('none', 'named', 'anonymous'),
  hasBackend: fc.boolean(),
  hooks: fc.constantFrom('none', 'none', 'once', 'each'),
})
type Drawn = typeof drawnService extends fc.Arbitrary<infer T> ? T : never

const drawnProject = fc.record({
  services: fc.tuple(drawnService, drawnService, drawnService, drawnService),
  isInternal: fc.boolean(),
  /** Moves host ports and container names from service to service. */
  shift: fc.nat(3),
})

const anyProject = drawnProject.map(({ services, isInternal, shift }): Project => {
  const present = NAMES.map((name, index) => ({ name, index, drawn: services[index] as Drawn })).filter(
    (one) => one.drawn.isPresent,
  )
  const jobs = new Set(
    present.flatMap(({ drawn, index }) => hostNameOf(present, drawn, index)).filter((name) => isJob(present, name)),
  )
  return projectOf({
    services: Object.fromEntries(present.map((one) => [one.name, serviceOf(one, { present, jobs, shift })])),
    networks: {
      default: { name: 'app_default', ...(isInternal && { internal: true }) },
      backend: { name: 'app_backend' },
    },
    volumes: { data: { name: 'app_data' } },
  })
})

interface Present {
  readonly name: string
  readonly index: number
  readonly drawn: Drawn
}

function hostNameOf(present: readonly Present[], drawn: Drawn, index: number): readonly string[] {
  const host = present.find((one) => one.index === drawn.dependsOn && one.index < index)
  return host === undefined ? [] : [host.name]
}

function isJob(present: readonly Present[], name: string): boolean {
  return present.find((one) => one.name === name)?.drawn.isJob ?? false
}

interface Around {
  readonly present: readonly Present[]
  readonly jobs: ReadonlySet<string>
  readonly shift: number
}

function serviceOf({ name, index, drawn }: Present, { present, jobs, shift }: Around): Partial<Service> {
  const [need] = hostNameOf(present, drawn, index)
  const host = present.find((one) => one.name === need)
  const livesThere = drawn.lives && host !== undefined && !jobs.has(host.name) && host.drawn.scale > 0
  const place = (index + shift) % NAMES.length
  return {
    image: drawn.image,
    scale: drawn.scale,
    ...(jobs.has(name) ? { command: ['job'] } : { healthcheck: { test: ['CMD', 'true'] } }),
    ...(drawn.hostname !== undefined && { hostname: drawn.hostname }),
    ...(drawn.policy !== undefined && !jobs.has(name) && { restart: drawn.policy }),
    labels: { colour: drawn.colour },
    ...(drawn.cpus !== undefined && { cpus: drawn.cpus }),
    ...(drawn.memory !== undefined && { mem_limit: drawn.memory }),
    ...(drawn.isNamed && drawn.scale <= 1 && { container_name: `named-${place}` }),
    ...(drawn.isPublished && drawn.scale <= 1 && { ports: [{ target: 80, published: String(8080 + place) }] }),
    ...(livesThere
      ? { network_mode: `service:${host.name}` }
      : { networks: { default: null, ...(drawn.hasBackend && { backend: null }) } }),
    ...(drawn.volume !== 'none' && {
      volumes: [{ type: 'volume' as const, target: '/data', ...(drawn.volume === 'named' && { source: 'data' }) }],
    }),
    ...(drawn.hooks !== 'none' && !jobs.has(name) && HOOKED[drawn.hooks as 'once' | 'each']),
    ...(need !== undefined && {
      depends_on: {
        [need]: {
          condition: jobs.has(need) ? 'service_completed_successfully' : drawn.condition,
          required: drawn.isRequired,
          restart: drawn.restarts,
        },
      },
    }),
  }
}

const hooked = (per_replica: boolean): Partial<Service> => ({
  pre_start: [{ command: ['job'], per_replica }, { command: ['job'] }],
  post_start: [{ command: ['true'] }],
  pre_stop: [{ command: ['true'] }],
})
const HOOKED = { once: hooked(false), each: hooked(true) }

/** A driver that is slow with some services, by so many turns of the event loop. */
function unevenDriver(
  turns: Readonly<Record<string, number>>,
): FakeDriver & { cancelAfter: (calls: number) => AbortSignal } {
  let left = Number.POSITIVE_INFINITY
  let cancel = new AbortController()
  const driver = createFakeDriver({
    images: ['busybox', 'nginx:1'],
    program: (spec) => (spec.command?.[0] === 'job' ? { exitCode: 0 } : { health: ['healthy'] }),
    onCall: async ({ method, subject }) => {
      const wait = (turns[subject.slice(-3, -2)] ?? 0) + (turns[method] ?? 0)
      for (let turn = 0; turn < wait; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      if (left-- === 0) cancel.abort(new Error('killed'))
    },
  })
  const cancelAfter = (calls: number): AbortSignal => {
    cancel = new AbortController()
    left = calls
    return cancel.signal
  }
  return Object.assign(driver, { cancelAfter })
}

async function expectConverged(project: Project, driver: FakeDriver): Promise<void> {
  const next = await planFor(project, driver, { removeOrphans: true })
  expect(next.steps.map((step) => [step.kind, step.because.reason])).toEqual([])
  expect(isEmpty(next)).toBe(true)
  const counts = Object.fromEntries(Object.keys(project.services).map((name) => [name, 0]))
  for (const { labels } of driver.everything().containers) {
    const name = labels['com.docker.compose.service'] as string
    counts[name] = (counts[name] ?? 0) + 1
  }
  for (const { containerName, labels } of driver.everything().containers) {
    expect(containerName).toMatch(/^(named-\d|app-[a-d]-\d)$/)
    const service = project.services[labels['com.docker.compose.service'] as string]
    expect(labels.colour).toBe(service?.labels?.colour)
    const spec = driver.specOf(containerName)
    expect(spec?.restart.kind).toBe(service?.restart?.split(':', 1)[0] ?? 'no')
    expect(spec?.resources.nanoCpus).toBe(service?.cpus && service.cpus * 1e9)
    expect(spec?.resources.memoryBytes).toBe(service?.mem_limit && Number(service.mem_limit))
  }
  expect(counts).toEqual(
    Object.fromEntries(Object.entries(project.services).map(([name, service]) => [name, scaleOf(service)])),
  )
}

const turns = fc.dictionary(
  fc.constantFrom(...NAMES, 'createContainer', 'removeContainer', 'stopContainer'),
  fc.constantFrom(1, 5, 20),
)
const options = { removeOrphans: true }
/** Many runs on a busy machine. */
const PATIENT = { timeout: 120_000 }

test('up from any project to any other converges, and the next plan is empty', PATIENT, async () => {
  await fc.assert(
    fc.asyncProperty(anyProject, anyProject, turns, async (before, after, waits) => {
      const driver = unevenDriver(waits)
      await up(before, driver, options)
      await expectConverged(before, driver)
      await up(after, driver, options)
      await expectConverged(after, driver)
    }),
    { numRuns: 150 },
  )
})

test('up that was killed behind any step is finished by the next one', PATIENT, async () => {
  await fc.assert(
    fc.asyncProperty(anyProject, anyProject, turns, fc.nat(25), async (before, after, waits, calls) => {
      const driver = unevenDriver(waits)
      await up(before, driver, options)
      const plan = await planFor(after, driver, options)
      const signal = driver.cancelAfter(calls)
      await apply(plan, driver, signal).catch((error: unknown) => expect((error as Error).message).toBe('killed'))
      await up(after, driver, options)
      await expectConverged(after, driver)
    }),
    { numRuns: 150 },
  )
})

test('down leaves nothing but volumes, also when it was killed once', PATIENT, async () => {
  await fc.assert(
    fc.asyncProperty(anyProject, anyProject, turns, fc.nat(10), async (before, after, waits, calls) => {
      const driver = unevenDriver(waits)
      await up(before, driver, options)
      const observed = await driver.observe('app', new AbortController().signal)
      const signal = driver.cancelAfter(calls)
      await apply(planDown(after, observed, options), driver, signal).catch((error: unknown) =>
        expect((error as Error).message).toBe('killed'),
      )
      await down(after, driver, options)
      const { containers, networks, volumes } = driver.everything()
      expect({ containers, networks }).toEqual({ containers: [], networks: [] })
      const hadData = Object.values(before.services).some((service) => service.volumes?.[0]?.source === 'data')
      expect(volumes.some((one) => one.volumeName === 'app_data')).toBe(hadData)
    }),
    { numRuns: 100 },
  )
})
