/**
 * What every driver promises, whatever is behind it: a container here only has to stay up until it is stopped.
 * What programs do inside is in program-contract.ts.
 */
import { describe, expect, test } from 'vitest'
import type { EventOptions, ObservedContainer } from '../../src/driver/driver.ts'
import { eventually } from '../e2e/support/cli.ts'
import { type DriverSubject, LABELS, networkSpec, PROJECT, refusal, useBench } from './subject.ts'

export function describeDriverContract(name: string, makeSubject: () => Promise<DriverSubject>): void {
  describe(`the ${name} driver`, () => {
    describeObserving(makeSubject)
    describeNetworks(makeSubject)
    describeVolumes(makeSubject)
    describeCreating(makeSubject)
    describeLife(makeSubject)
    describeEnds(makeSubject)
    describeWatching(makeSubject)
    describeEvents(makeSubject)
    describeLock(makeSubject)
  })
}

const NOBODY = '0'.repeat(64)
const COMMIT = { reference: 'committed:1', changes: [], author: '', message: '', pause: true }

function describeObserving(makeSubject: () => Promise<DriverSubject>): void {
  describe('observing', () => {
    const bench = useBench(makeSubject)

    test('finds nothing of a project that has nothing', async () => {
      expect(await bench.driver.observe(PROJECT, bench.signal)).toEqual({ containers: [], networks: [], volumes: [] })
    })
    test("finds what carries the project's label, and nothing else", async () => {
      const containerId = await bench.create()
      await bench.network()
      await bench.driver.createVolume(
        { volumeName: 'contract_data', driver: 'local', driverOptions: {}, labels: LABELS },
        bench.signal,
      )
      const { containers, networks, volumes } = await bench.driver.observe(PROJECT, bench.signal)
      expect(containers.map((one) => one.containerId)).toEqual([containerId])
      expect(networks).toMatchObject([{ networkName: 'contract_default', driver: 'bridge', labels: LABELS }])
      expect(volumes).toMatchObject([{ volumeName: 'contract_data', driver: 'local', labels: LABELS }])
      expect(await bench.driver.observe('another', bench.signal)).toEqual({ containers: [], networks: [], volumes: [] })
    })
    test('an image that is there is found by its reference, another one is not', async () => {
      const image = await bench.driver.findImage(bench.image, bench.signal)
      expect(image?.imageId).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(await bench.driver.findImage('no-such-image:1', bench.signal)).toBeUndefined()
    })
    test('a container that is not there is an error with a code', async () => {
      await refusal('container-not-found', bench.inspect(NOBODY))
      await refusal('container-not-found', bench.driver.startContainer(NOBODY, bench.signal))
      await refusal('container-not-found', bench.driver.stopContainer(NOBODY, {}, bench.signal))
      await refusal('container-not-found', bench.driver.killContainer(NOBODY, 'SIGKILL', bench.signal))
      await refusal('container-not-found', bench.driver.pauseContainer(NOBODY, bench.signal))
      await refusal('container-not-found', bench.driver.listChanges(NOBODY, bench.signal))
      await refusal(
        'container-not-found',
        bench.driver.exportContainer(NOBODY, () => {}, bench.signal),
      )
      await refusal('container-not-found', bench.driver.commitContainer(NOBODY, COMMIT, bench.signal))
      await refusal('container-not-found', bench.driver.listProcesses(NOBODY, bench.signal))
      await refusal('container-not-found', bench.driver.readUsage(NOBODY, bench.signal))
      await refusal('container-not-found', bench.driver.renameContainer(NOBODY, 'new', bench.signal))
    })
  })
}

function describeNetworks(makeSubject: () => Promise<DriverSubject>): void {
  describe('networks', () => {
    const bench = useBench(makeSubject)

    test('are made once, however often they are asked for, and found by name', async () => {
      const networkName = await bench.network()
      const first = await bench.driver.findNetwork(networkName, bench.signal)
      await bench.network()
      expect(await bench.driver.findNetwork(networkName, bench.signal)).toEqual(first)
      expect(first?.networkId).not.toBe('')
    })
    test("that have another owner's labels are not taken over", async () => {
      await bench.network()
      await refusal(
        'name-in-use',
        bench.driver.createNetwork(networkSpec({ labels: { ...LABELS, other: 'x' } }), bench.signal),
      )
    })
    test('are gone after removal, which may be repeated', async () => {
      const networkName = await bench.network()
      await bench.driver.removeNetwork(networkName, bench.signal)
      await bench.driver.removeNetwork(networkName, bench.signal)
      expect(await bench.driver.findNetwork(networkName, bench.signal)).toBeUndefined()
    })
    test('stay while a container runs on them, and go when it has stopped', async () => {
      const networkName = await bench.network()
      const endpoint = { networkName, aliases: ['web'] }
      const containerId = await bench.run({ networkMode: { kind: 'networks', endpoints: [endpoint] } })
      expect(
        (await refusal('network-in-use', bench.driver.removeNetwork(networkName, bench.signal))).message,
      ).toContain('"app-web-1"')
      await bench.driver.stopContainer(containerId, {}, bench.signal)
      await bench.driver.removeNetwork(networkName, bench.signal)
    })
  })
}

function describeVolumes(makeSubject: () => Promise<DriverSubject>): void {
  describe('volumes', () => {
    const bench = useBench(makeSubject)
    const spec = { volumeName: 'contract_data', driver: 'local', driverOptions: {}, labels: LABELS }
    const mount = {
      kind: 'volume',
      volumeName: 'contract_data',
      target: '/data',
      readOnly: false,
      noCopy: false,
    } as const

    test('are made once, found by name, and gone after removal, which may be repeated', async () => {
      await bench.driver.createVolume(spec, bench.signal)
      await bench.driver.createVolume(spec, bench.signal)
      expect(await bench.driver.findVolume(spec.volumeName, bench.signal)).toMatchObject({
        volumeName: spec.volumeName,
        driver: 'local',
        labels: LABELS,
      })
      await bench.driver.removeVolume(spec.volumeName, bench.signal)
      await bench.driver.removeVolume(spec.volumeName, bench.signal)
      expect(await bench.driver.findVolume(spec.volumeName, bench.signal)).toBeUndefined()
    })
    test("that have another owner's labels are not taken over", async () => {
      await bench.driver.createVolume(spec, bench.signal)
      await refusal('name-in-use', bench.driver.createVolume({ ...spec, labels: {} }, bench.signal))
    })
    test('stay while a container has them, running or not', async () => {
      await bench.driver.createVolume(spec, bench.signal)
      await bench.create({ mounts: [mount] })
      await refusal('volume-in-use', bench.driver.removeVolume(spec.volumeName, bench.signal))
    })
    test('without a name go with their container on request only, named ones never', async () => {
      await bench.driver.createVolume(spec, bench.signal)
      const anonymous = { kind: 'anonymous-volume', target: '/cache', readOnly: false } as const
      const volumes = async (containerId: string): Promise<string[]> =>
        (await bench.inspect(containerId)).mounts.flatMap((one) =>
          one.target === '/cache' && one.name ? [one.name] : [],
        )

      const kept = await bench.create({ mounts: [mount, anonymous] })
      const [keptVolume = ''] = await volumes(kept)
      await bench.driver.removeContainer(kept, { anonymousVolumes: false }, bench.signal)
      expect(await bench.driver.findVolume(keptVolume, bench.signal)).toBeDefined()
      await bench.driver.removeVolume(keptVolume, bench.signal)

      const gone = await bench.create({ mounts: [mount, anonymous] })
      const [goneVolume = ''] = await volumes(gone)
      await bench.driver.removeContainer(gone, { anonymousVolumes: true }, bench.signal)
      expect(await bench.driver.findVolume(goneVolume, bench.signal)).toBeUndefined()
      expect(await bench.driver.findVolume(spec.volumeName, bench.signal)).toBeDefined()
    })
  })
}

function describeCreating(makeSubject: () => Promise<DriverSubject>): void {
  describe('creating a container', () => {
    const bench = useBench(makeSubject)

    test('makes one that is as it was asked for and does not run', async () => {
      const containerId = await bench.create({ command: ['sleep', '7'], labels: { ...LABELS, a: 'b' } })
      expect(containerId).toMatch(/^[0-9a-f]{64}$/)
      const container = await bench.inspect(containerId)
      expect(container).toMatchObject({
        containerId,
        containerName: 'app-web-1',
        image: bench.image,
        status: 'created',
        startedAtMs: 0,
        restartCount: 0,
      })
      expect(container.labels).toMatchObject({ ...LABELS, a: 'b' })
      expect(container.argv).toEqual(['sleep', '7'])
      expect(container.createdAtMs).toBeGreaterThan(0)
    })
    test('needs an image that is there', async () => {
      await refusal('image-not-found', bench.create({ image: 'no-such-image:1' }))
    })
    test('needs networks that are there, and leaves the name free when they are not', async () => {
      const networkMode = { kind: 'networks', endpoints: [{ networkName: 'no-such-network', aliases: [] }] } as const
      await refusal('network-not-found', bench.create({ networkMode }))
      await bench.create()
    })
    test('refuses a name that is taken, and names it', async () => {
      await bench.create()
      expect((await refusal('name-in-use', bench.create())).message).toContain('"app-web-1"')
    })
    test('lets one of many win who want one name at the same moment', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => bench.create()))
      expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    })
  })
}

function describeLife(makeSubject: () => Promise<DriverSubject>): void {
  describe('a container', () => {
    const bench = useBench(makeSubject)

    test('runs once it was started, however often', async () => {
      const containerId = await bench.run()
      await bench.driver.startContainer(containerId, bench.signal)
      const { status, startedAtMs } = await bench.inspect(containerId)
      expect(status).toBe('running')
      expect(startedAtMs).toBeGreaterThan(0)
    })
    test('runs once, though several start it at the same moment', async () => {
      const containerId = await bench.create()
      await Promise.all(Array.from({ length: 4 }, () => bench.driver.startContainer(containerId, bench.signal)))
      expect(await bench.inspect(containerId)).toMatchObject({ status: 'running', restartCount: 0 })
    })
    test('has exited once it was stopped, however often, and says with what', async () => {
      const containerId = await bench.run()
      const exitCode = await bench.driver.stopContainer(containerId, { timeoutMs: 0 }, bench.signal)
      expect(await bench.driver.stopContainer(containerId, {}, bench.signal)).toBe(exitCode)
      expect(await bench.inspect(containerId)).toMatchObject({ status: 'exited', exitCode })
    })
    test('runs again when it is started again', async () => {
      const containerId = await bench.run()
      await bench.driver.stopContainer(containerId, {}, bench.signal)
      await bench.driver.startContainer(containerId, bench.signal)
      expect((await bench.inspect(containerId)).status).toBe('running')
    })
    test('can be killed while it runs, and only then', async () => {
      const containerId = await bench.run()
      await bench.driver.killContainer(containerId, 'SIGKILL', bench.signal)
      expect(await bench.inspect(containerId)).toMatchObject({ status: 'exited', exitCode: 137 })
      await refusal('container-not-running', bench.driver.killContainer(containerId, 'SIGKILL', bench.signal))
    })
    test('stands still while it is paused, and goes on afterwards', async () => {
      const containerId = await bench.run()
      await bench.driver.pauseContainer(containerId, bench.signal)
      expect((await bench.inspect(containerId)).status).toBe('paused')
      const again = await refusal('refused', bench.driver.pauseContainer(containerId, bench.signal))
      expect(again.message).toContain('"app-web-1"')
      await refusal('refused', bench.driver.startContainer(containerId, bench.signal))
      await bench.driver.unpauseContainer(containerId, bench.signal)
      expect((await bench.inspect(containerId)).status).toBe('running')
      await refusal('refused', bench.driver.unpauseContainer(containerId, bench.signal))
    })
    test('can be paused only while it runs', async () => {
      const containerId = await bench.create()
      await refusal('container-not-running', bench.driver.pauseContainer(containerId, bench.signal))
      await refusal('container-not-running', bench.driver.unpauseContainer(containerId, bench.signal))
    })
    test('can be stopped while it is paused', async () => {
      const containerId = await bench.run()
      await bench.driver.pauseContainer(containerId, bench.signal)
      await bench.driver.stopContainer(containerId, {}, bench.signal)
      expect((await bench.inspect(containerId)).status).toBe('exited')
    })
    test('can tell what it has changed of its image, before and while it runs', async () => {
      const containerId = await bench.create({ command: ['sleep', '1000'] })
      expect(await bench.driver.listChanges(containerId, bench.signal)).toEqual([])
      await bench.driver.startContainer(containerId, bench.signal)
      expect(await bench.driver.listChanges(containerId, bench.signal)).toEqual([])
      const copy = { source: '/etc/hostname', target: '/changed', followLink: false }
      await bench.driver.copyInto(containerId, copy, bench.signal)
      expect(await bench.driver.listChanges(containerId, bench.signal)).toEqual([{ kind: 'added', path: '/changed' }])
    })
    test('gives its files away, before and while it runs', async () => {
      const containerId = await bench.create({ command: ['sleep', '1000'] })
      const copy = { source: '/etc/hostname', target: '/changed', followLink: false }
      await bench.driver.copyInto(containerId, copy, bench.signal)
      const archive = async (): Promise<string> => {
        const pieces: Uint8Array[] = []
        await bench.driver.exportContainer(containerId, (data) => pieces.push(Buffer.from(data)), bench.signal)
        return Buffer.concat(pieces).toString('latin1')
      }
      expect(await archive()).toContain('changed')
      await bench.driver.startContainer(containerId, bench.signal)
      expect(await archive()).toContain('changed')
    })
    test('can become an image, which another is made from', async () => {
      const containerId = await bench.run({ command: ['sleep', '1000'] })
      const imageId = await bench.driver.commitContainer(containerId, COMMIT, bench.signal)
      expect((await bench.driver.findImage(COMMIT.reference, bench.signal))?.imageId).toBe(imageId)
      expect((await bench.inspect(containerId)).status).toBe('running')
      await bench.create({ containerName: 'app-web-2', image: COMMIT.reference })
      expect(await bench.driver.commitContainer(containerId, { ...COMMIT, reference: 'again' }, bench.signal)).toMatch(
        /^sha256:/,
      )
    })
    test('has processes and uses something while it runs, and only then', async () => {
      const containerId = await bench.create({ command: ['sleep', '1000'] })
      expect(await bench.driver.listProcesses(containerId, bench.signal)).toEqual([])
      expect(await bench.driver.readUsage(containerId, bench.signal)).toBeUndefined()
      await bench.driver.startContainer(containerId, bench.signal)
      const processes = await bench.driver.listProcesses(containerId, bench.signal)
      expect(processes).toMatchObject([{ user: 'root', command: 'sleep 1000', terminal: '' }])
      const usage = await bench.driver.readUsage(containerId, bench.signal)
      expect(usage).toMatchObject({ tasks: 1, memoryBytes: expect.any(Number) })
      expect(usage?.memoryLimitBytes).toBeGreaterThan(usage?.memoryBytes ?? 0)
    })
    test('can be given labels and another restart policy where it stands', async () => {
      if (!bench.driver.limits.changesInPlace) {
        const labels = { ...LABELS, colour: 'red' }
        const update = { labels, restart: { kind: 'no', maxRetries: 0 } } as const
        await refusal('unsupported', bench.driver.updateContainer(await bench.create(), update, bench.signal))
        return
      }
      const containerId = await bench.run({ labels: { ...LABELS, colour: 'red', kept: 'yes' } })
      const before = await bench.inspect(containerId)
      const restart = { kind: 'always', maxRetries: 0 } as const
      await bench.driver.updateContainer(containerId, { labels: { colour: 'blue' }, restart }, bench.signal)
      const after = await bench.inspect(containerId)
      expect(after).toEqual({ ...before, labels: { ...before.labels, colour: 'blue' } })
      expect(after.labels).toMatchObject({ colour: 'blue', kept: 'yes' })
      await bench.driver.updateContainer(containerId, { labels: { colour: 'blue' }, restart }, bench.signal)
      const resources = { memoryBytes: 2 ** 28, nanoCpus: 5e8, pidsLimit: 30 }
      await bench.driver.updateContainer(containerId, { labels: {}, restart, resources }, bench.signal)
      const usage = await bench.driver.readUsage(containerId, bench.signal)
      expect(usage?.memoryLimitBytes).toBe(2 ** 28)
      await refusal('container-not-found', bench.driver.updateContainer(NOBODY, { labels: {}, restart }, bench.signal))
    })
    test('can take another name, and its old one is free then', async () => {
      const containerId = await bench.create()
      const sinceMs = Date.now()
      await bench.driver.renameContainer(containerId, 'app-web-2', bench.signal)
      const told: unknown[] = []
      const options = { sinceMs, untilMs: Date.now() + 1 }
      for await (const event of bench.driver.readEvents(PROJECT, options, bench.signal)) told.push(event)
      const renamed = { action: 'rename', containerName: 'app-web-2', attributes: { oldName: '/app-web-1' } }
      expect(told).toContainEqual(expect.objectContaining(renamed))
      expect((await bench.inspect(containerId)).containerName).toBe('app-web-2')
      await bench.create()
      await refusal('name-in-use', bench.driver.renameContainer(containerId, 'app-web-1', bench.signal))
    })
  })
}

function describeEnds(makeSubject: () => Promise<DriverSubject>): void {
  describe('removing a container', () => {
    const bench = useBench(makeSubject)

    test('ends it first when it runs, may be repeated, and frees its name', async () => {
      const containerId = await bench.run()
      await bench.driver.removeContainer(containerId, { anonymousVolumes: false }, bench.signal)
      await bench.driver.removeContainer(containerId, { anonymousVolumes: false }, bench.signal)
      await refusal('container-not-found', bench.inspect(containerId))
      await bench.create()
    })
    test('may be done by several at once', async () => {
      const containerId = await bench.run()
      await Promise.all(
        Array.from({ length: 4 }, () =>
          bench.driver.removeContainer(containerId, { anonymousVolumes: true }, bench.signal),
        ),
      )
      await refusal('container-not-found', bench.inspect(containerId))
    })
  })
}

function describeWatching(makeSubject: () => Promise<DriverSubject>): void {
  describe('watching a container', () => {
    const bench = useBench(makeSubject)

    test('tells each status from the first to the last, and ends when the container is gone', async () => {
      const containerId = await bench.create()
      const seen: ObservedContainer['status'][] = []
      const next = { created: 'start', running: 'stop', exited: 'remove' } as const
      const acts = {
        start: () => bench.driver.startContainer(containerId, bench.signal),
        stop: () => bench.driver.stopContainer(containerId, {}, bench.signal),
        remove: () => bench.driver.removeContainer(containerId, { anonymousVolumes: true }, bench.signal),
      }
      const pending: Promise<unknown>[] = []
      for await (const { status } of bench.driver.watchContainer(containerId, bench.signal)) {
        if (status === seen.at(-1)) continue
        seen.push(status)
        if (status in next) pending.push(acts[next[status as keyof typeof next]]())
      }
      await Promise.all(pending)
      expect(seen).toEqual(['created', 'running', 'exited'])
    })
    test('ends when the watcher no longer wants to', async () => {
      const containerId = await bench.run()
      const stop = new AbortController()
      for await (const { status } of bench.driver.watchContainer(containerId, stop.signal)) {
        expect(status).toBe('running')
        stop.abort()
      }
    })
  })
}

function describeEvents(makeSubject: () => Promise<DriverSubject>): void {
  describe('events', () => {
    const bench = useBench(makeSubject)
    const actions = async (options: EventOptions): Promise<string[]> => {
      const seen: string[] = []
      for await (const { action, containerName } of bench.driver.readEvents(PROJECT, options, bench.signal))
        seen.push(`${containerName} ${action}`)
      return seen
    }

    test('of a life are told afterwards, when the container is gone', async () => {
      const sinceMs = Date.now()
      const containerId = await bench.run()
      await bench.driver.pauseContainer(containerId, bench.signal)
      await bench.driver.unpauseContainer(containerId, bench.signal)
      await bench.driver.removeContainer(containerId, { anonymousVolumes: false }, bench.signal)
      const seen = await actions({ sinceMs, untilMs: Date.now() + 1 })
      const main = seen.filter((line) => !/ (kill|stop)$/.test(line))
      expect(main).toEqual(
        ['create', 'start', 'pause', 'unpause', 'die', 'destroy'].map((action) => `app-web-1 ${action}`),
      )
    })
    test('are told as they come, with what belongs to them, until nobody wants more', async () => {
      const containerId = await bench.create()
      const enough = new AbortController()
      const pending: Promise<unknown>[] = []
      const begin = async (): Promise<void> => {
        await bench.driver.startContainer(containerId, bench.signal)
        await bench.driver.killContainer(containerId, 'SIGKILL', bench.signal)
      }
      // The first event is asked for before anything happens.
      setTimeout(() => pending.push(begin()), 100)
      const seen: string[] = []
      for await (const event of bench.driver.readEvents(PROJECT, {}, enough.signal)) {
        if (event.action === 'kill') continue
        seen.push(`${event.action} ${event.attributes.exitCode ?? ''}`)
        expect(event).toMatchObject({ containerId, containerName: 'app-web-1', image: bench.image })
        if (event.action === 'die') enough.abort()
      }
      await Promise.all(pending)
      expect(seen).toEqual(['start ', 'die 137'])
    })
    test('of other projects are not told', async () => {
      const sinceMs = Date.now()
      await bench.create()
      const others = bench.driver.readEvents('another', { sinceMs, untilMs: Date.now() }, bench.signal)
      for await (const event of others) expect.fail(`told of ${event.action}`)
    })
  })
}

function describeLock(makeSubject: () => Promise<DriverSubject>): void {
  describe('the lock on a project', () => {
    const bench = useBench(makeSubject)

    test('lets one writer in at a time, and others into other projects', async () => {
      const order: string[] = []
      const waits: (number | undefined)[] = []
      const onWait = (holderPid: number | undefined): void => void waits.push(holderPid)
      const release = await bench.driver.lockProject(PROJECT, bench.signal, onWait)
      const second = bench.driver.lockProject(PROJECT, bench.signal, onWait).then((give) => {
        order.push('second')
        return give()
      })
      await (await bench.driver.lockProject('another', bench.signal))()
      order.push('first')
      await eventually('who is waited for', async () => waits.at(0))
      await release()
      await second
      expect(order).toEqual(['first', 'second'])
      expect(waits).toEqual([process.pid])
    })
    test('is not waited for any longer when the caller gives up', async () => {
      const release = await bench.driver.lockProject(PROJECT, bench.signal)
      const impatient = new AbortController()
      const waiting = bench.driver.lockProject(PROJECT, impatient.signal)
      impatient.abort()
      await refusal('cancelled', waiting)
      await release()
    })
  })
}
