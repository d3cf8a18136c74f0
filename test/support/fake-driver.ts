/**
 * A driver without a kernel: containers are records in memory, their programs run until they are told otherwise. It refuses what
 * a real engine refuses (taken names and ports, networks and volumes in use, missing images), so that a plan in a wrong order fails.
 */
import { createHash } from 'node:crypto'
import {
  type CommitOptions,
  type ContainerEvent,
  type ContainerSpec,
  type ContainerUpdate,
  type CopyFrom,
  type CopyInto,
  type Driver,
  DriverError,
  type EventOptions,
  type ExecStreams,
  type FileChange,
  type HealthStatus,
  LABEL,
  type LockWait,
  type LogEntry,
  type NetworkSpec,
  type Observed,
  type ObservedContainer,
  type ObservedImage,
  type ObservedNetwork,
  type ObservedPort,
  type ObservedProcess,
  type ObservedVolume,
  type ResourceUsage,
  type VolumeSpec,
} from '../../src/driver/driver.ts'

/** What a container's program does once it is started. Absent, it runs until it is stopped. */
export interface Program {
  readonly exitCode?: number
  /** What the health probe finds, in this order. */
  readonly health?: readonly HealthStatus[]
  readonly output?: readonly string[]
}

export interface FakeOptions {
  /** References that are there from the beginning. */
  readonly images?: readonly string[]
  /** Whether there is a builder. */
  readonly builds?: boolean
  /** What stands in the way of each new network. */
  readonly obstacles?: readonly string[]
  /** References that can be pulled; absent, all of them. */
  readonly registry?: readonly string[]
  readonly program?: (spec: ContainerSpec) => Program
  /** Awaited in every call before anything happens: the place to shuffle, delay, fail or cancel. */
  readonly onCall?: (call: Call) => Promise<void> | void
}

export interface Call {
  readonly method: string
  /** The name of what it is about. */
  readonly subject: string
}

export interface FakeDriver extends Driver {
  readonly calls: readonly Call[]
  readonly everything: () => Observed
  readonly specOf: (containerName: string) => ContainerSpec | undefined
  /** What was copied into the container, by target. */
  readonly filesOf: (containerName: string) => Readonly<Record<string, string>>
  readonly setHealth: (containerName: string, health: HealthStatus) => void
  readonly exit: (containerName: string, exitCode: number) => void
  /** The reference stands for another image from now on. */
  readonly publishImage: (reference: string, content: string) => void
  readonly addNetwork: (network: ObservedNetwork) => void
  readonly addVolume: (volume: ObservedVolume) => void
}

interface Cell {
  spec: ContainerSpec
  state: ObservedContainer
  readonly watchers: Set<() => void>
  readonly log: LogEntry[]
  readonly files: Map<string, string>
  readonly anonymousVolumes: readonly string[]
  /** Counts starts, so that a program that was ended by hand doesn't end the next run. */
  run: number
}

export function createFakeDriver(options: FakeOptions = {}): FakeDriver {
  return new InMemoryDriver(options)
}

class InMemoryDriver implements FakeDriver {
  readonly kind = 'fake'
  readonly limits: Driver['limits']
  readonly calls: Call[] = []
  private readonly options: FakeOptions
  private readonly containers = new Map<string, Cell>()
  private readonly networks = new Map<string, ObservedNetwork>()
  private readonly volumes = new Map<string, ObservedVolume>()
  private readonly images = new Map<string, ObservedImage>()
  private readonly contents = new Map<string, string>()
  private readonly locks = new Map<string, Promise<void>>()
  private ticks = 0
  private usageReads = 0
  private readonly events: ContainerEvent[] = []
  private readonly eventListeners = new Set<() => void>()

  constructor(options: FakeOptions) {
    this.options = options
    this.limits = {
      platforms: true,
      securityLabels: true,
      logOptions: 'all',
      networkOptions: 'all',
      changesInPlace: true,
      builds: options.builds ?? false,
      withoutResources: [],
    }
    for (const reference of options.images ?? []) this.images.set(reference, this.imageFor(reference))
  }

  async lockProject(projectName: string, signal: AbortSignal, onWait?: LockWait): Promise<() => Promise<void>> {
    await this.enter('lockProject', projectName, signal)
    if (this.locks.has(projectName)) onWait?.(process.pid)
    while (this.locks.has(projectName)) {
      await Promise.race([this.locks.get(projectName), rejectWhenAborted(signal)])
    }
    let unlock = (): void => undefined
    this.locks.set(
      projectName,
      new Promise((resolve) => {
        unlock = resolve
      }),
    )
    return async () => {
      this.locks.delete(projectName)
      unlock()
    }
  }

  async findStranded(signal: AbortSignal): Promise<readonly ObservedContainer[]> {
    await this.enter('findStranded', '', signal)
    return []
  }

  async observeEverywhere(signal: AbortSignal): Promise<readonly ObservedContainer[]> {
    await this.enter('observeEverywhere', '', signal)
    return this.everything().containers.filter((one) => one.labels[LABEL.project] !== undefined)
  }

  async observe(projectName: string, signal: AbortSignal): Promise<Observed> {
    await this.enter('observe', projectName, signal)
    const isOurs = (one: { readonly labels: Readonly<Record<string, string>> }): boolean =>
      one.labels[LABEL.project] === projectName
    const { containers, networks, volumes } = this.everything()
    return { containers: containers.filter(isOurs), networks: networks.filter(isOurs), volumes: volumes.filter(isOurs) }
  }

  async findNetwork(networkName: string, signal: AbortSignal): Promise<ObservedNetwork | undefined> {
    await this.enter('findNetwork', networkName, signal)
    return this.networks.get(networkName)
  }

  async findVolume(volumeName: string, signal: AbortSignal): Promise<ObservedVolume | undefined> {
    await this.enter('findVolume', volumeName, signal)
    return this.volumes.get(volumeName)
  }

  async findImage(reference: string, signal: AbortSignal): Promise<ObservedImage | undefined> {
    await this.enter('findImage', reference, signal)
    return this.images.get(reference)
  }

  async pullImage(
    { image: reference }: Parameters<Driver['pullImage']>[0],
    onEvent: Parameters<Driver['pullImage']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    await this.enter('pullImage', reference, signal)
    if (this.options.registry !== undefined && !this.options.registry.includes(reference)) {
      throw new DriverError('image-not-found', `image "${reference}" is not in the registry`)
    }
    const image = this.imageFor(reference)
    onEvent({ kind: 'layer', digest: image.imageId, status: 'done', currentBytes: 10, totalBytes: 10 })
    this.images.set(reference, image)
    onEvent({ kind: 'done', imageId: image.imageId })
  }

  async pushImage(
    { image: reference }: Parameters<Driver['pushImage']>[0],
    onEvent: Parameters<Driver['pushImage']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    await this.enter('pushImage', reference, signal)
    const image = this.images.get(reference)
    if (image === undefined) throw new DriverError('image-not-found', `image "${reference}" is not there to be pushed`)
    onEvent({ kind: 'layer', digest: image.imageId, status: 'pushed', currentBytes: 10, totalBytes: 10 })
    onEvent({ kind: 'done', digest: image.imageId, sizeBytes: 10 })
  }

  async buildImage(
    { image: reference }: Parameters<Driver['buildImage']>[0],
    onEvent: Parameters<Driver['buildImage']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    await this.enter('buildImage', reference, signal)
    onEvent({ kind: 'output', line: `#1 building ${reference}` })
    const image = this.imageFor(reference)
    this.images.set(reference, image)
    onEvent({ kind: 'done', imageId: image.imageId })
  }

  async removeImage(reference: string, signal: AbortSignal): Promise<void> {
    await this.enter('removeImage', reference, signal)
    this.images.delete(reference)
  }

  async createNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<readonly string[]> {
    await this.enter('createNetwork', spec.networkName, signal)
    const known = this.networks.get(spec.networkName)
    if (known !== undefined && sameLabels(known.labels, spec.labels)) return []
    if (known !== undefined) throw new DriverError('name-in-use', `network "${spec.networkName}" exists already`)
    const { networkName, driver, labels } = spec
    this.networks.set(networkName, { networkId: this.newId(), networkName, driver, labels })
    return this.options.obstacles ?? []
  }

  async createVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void> {
    await this.enter('createVolume', spec.volumeName, signal)
    const known = this.volumes.get(spec.volumeName)
    if (known !== undefined && sameLabels(known.labels, spec.labels)) return
    if (known !== undefined) throw new DriverError('name-in-use', `volume "${spec.volumeName}" exists already`)
    this.volumes.set(spec.volumeName, { volumeName: spec.volumeName, driver: spec.driver, labels: spec.labels })
  }

  async removeNetwork(networkName: string, signal: AbortSignal): Promise<void> {
    await this.enter('removeNetwork', networkName, signal)
    const user = [...this.containers.values()]
      .filter(isAlive)
      .find(({ state }) => state.endpoints.some((end) => end.networkName === networkName))?.state
    if (user !== undefined)
      throw new DriverError('network-in-use', `network "${networkName}" is used by "${user.containerName}"`)
    this.networks.delete(networkName)
  }

  async removeVolume(volumeName: string, signal: AbortSignal): Promise<void> {
    await this.enter('removeVolume', volumeName, signal)
    const user = this.states().find((one) => one.mounts.some((mount) => mount.name === volumeName))
    if (user !== undefined)
      throw new DriverError('volume-in-use', `volume "${volumeName}" is used by "${user.containerName}"`)
    this.volumes.delete(volumeName)
  }

  async createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    await this.enter('createContainer', spec.containerName, signal)
    const image = this.images.get(spec.image)
    if (image === undefined) throw new DriverError('image-not-found', `image "${spec.image}" is not here`)
    this.requireFreeName(spec.containerName)
    this.requireParts(spec)
    const containerId = this.newId()
    const cell = this.newCell(containerId, spec, image)
    this.containers.set(containerId, cell)
    this.tell(cell, 'create')
    return containerId
  }

  async startContainer(containerId: string, signal: AbortSignal): Promise<readonly ObservedPort[]> {
    const cell = await this.enterContainer('startContainer', containerId, signal)
    if (cell.state.status === 'running') return cell.state.ports
    if (cell.state.status === 'paused')
      throw new DriverError('refused', `container "${cell.state.containerName}" is paused, and can't be started`)
    this.requireParts(cell.spec)
    this.requireHost(cell.spec)
    const ports = this.publish(cell)
    const endpoints = cell.state.endpoints.map((end) => ({
      ...end,
      networkId: this.networks.get(end.networkName)?.networkId ?? '',
    }))
    cell.run += 1
    this.change(cell, {
      status: 'running',
      startedAtMs: this.tick(),
      exitCode: 0,
      ports,
      endpoints,
      ...startingHealth(cell.spec),
    })
    this.tell(cell, 'start')
    this.runProgram(cell, cell.run)
    return ports
  }

  async stopContainer(
    containerId: string,
    _options: { readonly timeoutMs?: number },
    signal: AbortSignal,
  ): Promise<number> {
    const cell = await this.enterContainer('stopContainer', containerId, signal)
    if (isAlive(cell)) this.end(cell, 143)
    return cell.state.exitCode
  }

  async killContainer(containerId: string, signalName: string, signal: AbortSignal): Promise<void> {
    const cell = await this.enterContainer('killContainer', containerId, signal)
    if (!isAlive(cell))
      throw new DriverError('container-not-running', `container "${cell.state.containerName}" is not running`)
    if (signalName.replace('SIG', '') === 'KILL') this.end(cell, 137)
  }

  async pauseContainer(containerId: string, signal: AbortSignal): Promise<void> {
    const cell = await this.enterContainer('pauseContainer', containerId, signal)
    const { status, containerName } = cell.state
    if (status === 'paused') throw new DriverError('refused', `container "${containerName}" is paused already`)
    if (status !== 'running')
      throw new DriverError('container-not-running', `container "${containerName}" is not running`)
    this.change(cell, { status: 'paused' })
    this.tell(cell, 'pause')
  }

  async unpauseContainer(containerId: string, signal: AbortSignal): Promise<void> {
    const cell = await this.enterContainer('unpauseContainer', containerId, signal)
    const { status, containerName } = cell.state
    if (!isAlive(cell)) throw new DriverError('container-not-running', `container "${containerName}" is not running`)
    if (status !== 'paused') throw new DriverError('refused', `container "${containerName}" is not paused`)
    this.change(cell, { status: 'running' })
    this.tell(cell, 'unpause')
  }

  async *readEvents(projectName: string, options: EventOptions, signal: AbortSignal): AsyncIterable<ContainerEvent> {
    await this.enter('readEvents', projectName, signal)
    let next = options.sinceMs === undefined ? this.events.length : 0
    while (!signal.aborted) {
      for (; next < this.events.length; next += 1) {
        const event = this.events[next] as ContainerEvent
        if (event.labels[LABEL.project] === projectName) yield event
      }
      if (options.untilMs !== undefined || signal.aborted) return
      await new Promise<void>((resolve) => {
        this.eventListeners.add(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  private tell({ state }: Cell, action: string, attributes: ContainerEvent['attributes'] = {}): void {
    const { containerId, containerName, image, labels } = state
    const timeNs = BigInt(this.tick()) * 1_000_000n
    this.events.push({ timeNs, containerId, containerName, image, labels, action, attributes })
    for (const wake of this.eventListeners) wake()
    this.eventListeners.clear()
  }

  /** Archives are kept as they come, under their target; files of the machine as what they are called there. */
  async copyInto(containerId: string, copy: CopyInto, signal: AbortSignal): Promise<void> {
    const cell = await this.enterContainer('copyInto', containerId, signal)
    if (typeof copy.source === 'string') return void cell.files.set(copy.target, copy.source)
    let text = ''
    for await (const data of copy.source) text += new TextDecoder().decode(data)
    cell.files.set(copy.target, text)
  }

  async copyFrom(containerId: string, copy: CopyFrom, signal: AbortSignal): Promise<void> {
    const cell = await this.enterContainer('copyFrom', containerId, signal)
    const found = cell.files.get(copy.source)
    if (found === undefined) throw new DriverError('refused', `there is no file "${copy.source}"`)
    if (typeof copy.target === 'string') cell.files.set(copy.target, found)
    else copy.target(new TextEncoder().encode(found))
  }

  /** Its files are those that were copied into it. */
  async listChanges(containerId: string, signal: AbortSignal): Promise<readonly FileChange[]> {
    const { files } = await this.enterContainer('listChanges', containerId, signal)
    return [...files.keys()].sort().map((path) => ({ kind: 'added', path }))
  }

  /** Its files are those that were copied into it, each a line of its path. */
  async exportContainer(containerId: string, write: (data: Uint8Array) => void, signal: AbortSignal): Promise<void> {
    const { files } = await this.enterContainer('exportContainer', containerId, signal)
    write(new TextEncoder().encode([...files.keys()].map((path) => `${path}\n`).join('')))
  }

  /** The image is told apart by its name alone. */
  async commitContainer(containerId: string, options: CommitOptions, signal: AbortSignal): Promise<string> {
    await this.enterContainer('commitContainer', containerId, signal)
    const reference = options.reference ?? this.newId()
    const image = this.imageFor(reference)
    this.images.set(reference, image)
    return image.imageId
  }

  async listProcesses(containerId: string, signal: AbortSignal): Promise<readonly ObservedProcess[]> {
    const { state } = await this.enterContainer('listProcesses', containerId, signal)
    if (state.status !== 'running' && state.status !== 'paused') return []
    const [user, terminal, command] = ['root', '', state.argv.join(' ')]
    return [{ pid: 100, parentPid: 99, user, terminal, startedAtMs: state.startedAtMs, cpuMs: 0, command }]
  }

  async readUsage(containerId: string, signal: AbortSignal): Promise<ResourceUsage | undefined> {
    const cell = await this.enterContainer('readUsage', containerId, signal)
    if (!isAlive(cell)) return undefined
    const traffic = { receivedBytes: 1500, sentBytes: 126, readBytes: 0, writtenBytes: 4096 }
    // A quarter of one processor, at whatever moment it is asked.
    this.usageReads += 1
    const atMs = this.usageReads * 1000
    const memoryLimitBytes = cell.spec.resources.memoryBytes ?? 1 << 30
    return { atMs, cpuMs: atMs / 4, memoryBytes: 1 << 20, memoryLimitBytes, ...traffic, tasks: 1 }
  }

  async updateContainer(containerId: string, update: ContainerUpdate, signal: AbortSignal): Promise<void> {
    const cell = await this.enterContainer('updateContainer', containerId, signal)
    const labels = { ...cell.state.labels, ...update.labels }
    const resources = { ...cell.spec.resources, ...update.resources }
    cell.spec = { ...cell.spec, labels: { ...cell.spec.labels, ...update.labels }, restart: update.restart, resources }
    this.change(cell, { labels })
  }

  async renameContainer(containerId: string, containerName: string, signal: AbortSignal): Promise<void> {
    const cell = await this.enterContainer('renameContainer', containerId, signal)
    if (cell.state.containerName === containerName) return
    this.requireFreeName(containerName)
    const oldName = `/${cell.state.containerName}`
    this.change(cell, { containerName })
    this.tell(cell, 'rename', { oldName })
  }

  async removeContainer(
    containerId: string,
    options: { readonly anonymousVolumes: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    await this.enter('removeContainer', this.containers.get(containerId)?.state.containerName ?? containerId, signal)
    const cell = this.containers.get(containerId)
    if (cell === undefined) return
    if (isAlive(cell)) this.end(cell, 137)
    this.containers.delete(containerId)
    this.tell(cell, 'destroy')
    if (options.anonymousVolumes) for (const volume of cell.anonymousVolumes) this.dropUnused(volume)
    for (const wake of cell.watchers) wake()
  }

  async inspectContainer(containerId: string, signal: AbortSignal): Promise<ObservedContainer> {
    return (await this.enterContainer('inspectContainer', containerId, signal)).state
  }

  async *watchContainer(containerId: string, signal: AbortSignal): AsyncIterable<ObservedContainer> {
    const cell = await this.enterContainer('watchContainer', containerId, signal)
    const news: ObservedContainer[] = [cell.state]
    let wake = (): void => undefined
    const listener = (): void => {
      news.push(cell.state)
      wake()
    }
    cell.watchers.add(listener)
    const onAbort = (): void => wake()
    signal.addEventListener('abort', onAbort)
    try {
      while (!signal.aborted) {
        const state = news.shift()
        if (state === undefined && !this.containers.has(containerId)) return
        if (state === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        } else if (this.containers.has(containerId)) yield state
      }
    } finally {
      cell.watchers.delete(listener)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async *readLogs(
    containerId: string,
    options: Parameters<Driver['readLogs']>[1],
    signal: AbortSignal,
  ): AsyncIterable<LogEntry> {
    const cell = await this.enterContainer('readLogs', containerId, signal)
    const from = options.tail === undefined ? 0 : Math.max(0, cell.log.length - options.tail)
    for (let index = from; index < cell.log.length; index += 1) yield cell.log[index] as LogEntry
    if (!options.follow) return
    let next = cell.log.length
    for await (const state of this.watchContainer(containerId, signal)) {
      for (; next < cell.log.length; next += 1) yield cell.log[next] as LogEntry
      if (state.status === 'exited') return
    }
  }

  async startAttached(containerId: string, streams: ExecStreams, signal: AbortSignal): Promise<number> {
    const cell = await this.enterContainer('startAttached', containerId, signal)
    if (cell.state.status === 'running')
      throw new DriverError('refused', `container "${cell.state.containerName}" runs already`)
    await this.startContainer(containerId, signal)
    return cell.state.status === 'exited' ? cell.state.exitCode : this.attach(containerId, streams, signal)
  }

  /** The program says what it is given, and ends when it is told to or gets a signal. */
  async attach(containerId: string, streams: ExecStreams, signal: AbortSignal): Promise<number> {
    const cell = await this.enterContainer('attach', containerId, signal)
    if (cell.state.status !== 'running')
      throw new DriverError('container-not-running', `container "${cell.state.containerName}" is not running`)
    streams.onSignaller?.((name) => this.end(cell, name === 'SIGINT' ? 130 : 143))
    const echo = async (): Promise<void> => {
      for await (const data of streams.stdin ?? []) streams.stdout(data)
    }
    void echo()
    for await (const state of this.watchContainer(containerId, signal))
      if (state.status === 'exited') return state.exitCode
    throw cancelled(signal)
  }

  async exec(
    containerId: string,
    spec: Parameters<Driver['exec']>[1],
    streams: Parameters<Driver['exec']>[2],
    signal: AbortSignal,
  ): Promise<number> {
    const cell = await this.enterContainer('exec', containerId, signal)
    if (cell.state.status !== 'running') {
      throw new DriverError('container-not-running', `container "${cell.state.containerName}" is not running`)
    }
    const [program = '', ...words] = spec.argv
    if (program === 'true' || program === 'false') return Number(program === 'false')
    if (program !== 'echo') return 127
    streams.stdout(new TextEncoder().encode(`${words.join(' ')}\n`))
    return 0
  }

  everything(): Observed {
    return { containers: this.states(), networks: [...this.networks.values()], volumes: [...this.volumes.values()] }
  }

  specOf(containerName: string): ContainerSpec | undefined {
    return this.named(containerName)?.spec
  }

  filesOf(containerName: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.named(containerName)?.files ?? [])
  }

  setHealth(containerName: string, health: HealthStatus): void {
    const cell = this.named(containerName)
    if (cell !== undefined) this.change(cell, { health })
  }

  exit(containerName: string, exitCode: number): void {
    const cell = this.named(containerName)
    if (cell !== undefined && isAlive(cell)) this.end(cell, exitCode)
  }

  publishImage(reference: string, content: string): void {
    this.contents.set(reference, content)
  }

  addNetwork(network: ObservedNetwork): void {
    this.networks.set(network.networkName, network)
  }

  addVolume(volume: ObservedVolume): void {
    this.volumes.set(volume.volumeName, volume)
  }

  private async enter(method: string, subject: string, signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal)
    const call = { method, subject }
    await this.options.onCall?.(call)
    throwIfCancelled(signal)
    this.calls.push(call)
  }

  private async enterContainer(method: string, containerId: string, signal: AbortSignal): Promise<Cell> {
    await this.enter(method, this.containers.get(containerId)?.state.containerName ?? containerId, signal)
    const cell = this.containers.get(containerId)
    if (cell === undefined) throw new DriverError('container-not-found', `there is no container "${containerId}"`)
    return cell
  }

  private newCell(containerId: string, spec: ContainerSpec, image: ObservedImage): Cell {
    const mounts = spec.mounts.flatMap((mount) => this.observeMount(mount))
    const covered = new Set(mounts.map((mount) => mount.target))
    for (const target of image.volumes) {
      if (!covered.has(target)) mounts.push(...this.observeMount({ kind: 'anonymous-volume', target, readOnly: false }))
    }
    const written = new Set(spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volumeName] : [])))
    const anonymousVolumes = mounts.flatMap(({ kind, name }) =>
      kind === 'volume' && name !== undefined && !written.has(name) ? [name] : [],
    )
    const networks = spec.networkMode.kind === 'networks' ? spec.networkMode.endpoints : []
    const state: ObservedContainer = {
      containerId,
      containerName: spec.containerName,
      image: spec.image,
      imageId: image.imageId,
      labels: spec.labels,
      status: 'created',
      exitCode: 0,
      oomKilled: false,
      createdAtMs: this.tick(),
      startedAtMs: 0,
      finishedAtMs: 0,
      restartCount: 0,
      argv: [...(spec.entrypoint ?? []), ...(spec.command ?? [])],
      ports: [],
      endpoints: networks.map(({ networkName, aliases }) => ({ networkName, networkId: '', aliases })),
      mounts,
      tty: spec.tty,
      keepsLog: spec.logging.driver !== 'none',
      ...(spec.stopGraceMs !== undefined && { stopGraceMs: spec.stopGraceMs }),
    }
    return { spec, state, watchers: new Set(), log: [], files: new Map(), anonymousVolumes, run: 0 }
  }

  private observeMount(mount: ContainerSpec['mounts'][number]): ObservedContainer['mounts'][number][] {
    switch (mount.kind) {
      case 'bind':
        return [{ kind: 'bind', source: mount.source, target: mount.target, readOnly: mount.readOnly }]
      case 'volume':
        return [{ kind: 'volume', name: mount.volumeName, source: '', target: mount.target, readOnly: mount.readOnly }]
      case 'anonymous-volume': {
        const name = this.newId()
        this.volumes.set(name, { volumeName: name, driver: 'local', labels: {} })
        return [{ kind: 'volume', name, source: '', target: mount.target, readOnly: mount.readOnly }]
      }
      case 'tmpfs':
        return [{ kind: 'tmpfs', source: '', target: mount.target, readOnly: false }]
      case 'content':
        return []
    }
  }

  private requireFreeName(containerName: string): void {
    if (this.named(containerName) === undefined) return
    throw new DriverError('name-in-use', `the name "${containerName}" is taken`)
  }

  private requireParts(spec: ContainerSpec): void {
    const endpoints = spec.networkMode.kind === 'networks' ? spec.networkMode.endpoints : []
    for (const { networkName } of endpoints) {
      if (!this.networks.has(networkName))
        throw new DriverError('network-not-found', `there is no network "${networkName}"`)
    }
    for (const mount of spec.mounts) {
      if (mount.kind !== 'volume' || this.volumes.has(mount.volumeName)) continue
      throw new DriverError('volume-not-found', `there is no volume "${mount.volumeName}"`)
    }
  }

  private requireHost(spec: ContainerSpec): void {
    for (const reference of hostsOf(spec)) {
      const host = this.containers.get(reference)
      if (host === undefined) throw new DriverError('container-not-found', `there is no container "${reference}"`)
      if (!isAlive(host))
        throw new DriverError('container-not-running', `container "${host.state.containerName}" is not running`)
    }
  }

  private publish(cell: Cell): readonly ObservedPort[] {
    const taken = new Set(this.states().flatMap((one) => one.ports.map((port) => `${port.published}/${port.protocol}`)))
    return cell.spec.ports.map(({ hostIp, published, target, protocol }) => {
      const range = published.start === 0 ? { start: 32768, end: 60999 } : published
      for (let port = range.start; port <= range.end; port += 1) {
        if (taken.has(`${port}/${protocol}`)) continue
        taken.add(`${port}/${protocol}`)
        return { hostIp: hostIp || '0.0.0.0', published: port, target, protocol }
      }
      throw new DriverError('port-taken', `port ${published.start}/${protocol} is taken`)
    })
  }

  private runProgram(cell: Cell, run: number): void {
    const program = this.options.program?.(cell.spec) ?? {}
    setImmediate(() => {
      if (cell.run !== run || cell.state.status !== 'running') return
      for (const line of program.output ?? []) {
        cell.log.push({
          stream: 'stdout',
          timeNs: BigInt(this.tick()) * 1_000_000n,
          data: new TextEncoder().encode(`${line}\n`),
        })
      }
      // Followers of the log wait at the same bell as watchers of the state.
      for (const wake of cell.watchers) wake()
      for (const health of program.health ?? []) this.change(cell, { health })
      if (program.exitCode !== undefined) this.end(cell, program.exitCode)
    })
  }

  private end(cell: Cell, exitCode: number): void {
    this.change(cell, { status: 'exited', exitCode, finishedAtMs: this.tick(), ports: [] })
    this.tell(cell, 'die', { exitCode: String(exitCode) })
  }

  private change(cell: Cell, change: Partial<ObservedContainer>): void {
    cell.state = { ...cell.state, ...change }
    for (const wake of cell.watchers) wake()
  }

  private dropUnused(volumeName: string): void {
    if (!this.states().some((one) => one.mounts.some((mount) => mount.name === volumeName)))
      this.volumes.delete(volumeName)
  }

  private named(containerName: string): Cell | undefined {
    return [...this.containers.values()].find((cell) => cell.state.containerName === containerName)
  }

  private states(): readonly ObservedContainer[] {
    return [...this.containers.values()].map((cell) => cell.state)
  }

  private imageFor(reference: string): ObservedImage {
    const content = this.contents.get(reference) ?? reference
    return {
      imageId: `sha256:${sha256(content)}`,
      references: [reference],
      sizeBytes: 10,
      createdAtMs: 0,
      platform: 'linux/amd64',
      labels: {},
      volumes: [],
      exposedPorts: [],
      hasHealthcheck: false,
    }
  }

  private newId(): string {
    return sha256(`object ${this.tick()}`)
  }

  private tick(): number {
    this.ticks += 1
    return this.ticks
  }
}

function isAlive(cell: Cell): boolean {
  return cell.state.status === 'running' || cell.state.status === 'paused'
}

function hostsOf({ networkMode, pid, ipc }: ContainerSpec): readonly string[] {
  return [
    ...(networkMode.kind === 'container' ? [networkMode.containerId] : []),
    ...(typeof pid === 'object' ? [pid.container] : []),
    ...(typeof ipc === 'object' ? [ipc.container] : []),
  ]
}

function startingHealth(spec: ContainerSpec): Pick<ObservedContainer, 'health'> {
  return spec.healthcheck?.test === undefined || spec.healthcheck.test[0] === 'NONE' ? {} : { health: 'starting' }
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys({ ...a, ...b }).every((key) => a[key] === b[key])
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled(signal)
}

function cancelled(signal: AbortSignal): DriverError {
  return new DriverError('cancelled', 'cancelled', { cause: signal.reason })
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(cancelled(signal)), { once: true }))
}
