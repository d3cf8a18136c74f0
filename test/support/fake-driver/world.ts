/** What exists, and what every call does before its own part. */
import { createHash } from 'node:crypto'
import {
  type ContainerEvent,
  DriverError,
  type Observed,
  type ObservedContainer,
  type ObservedImage,
  type ObservedNetwork,
  type ObservedVolume,
} from '../../../src/driver/driver.ts'
import { throwIfCancelled } from './cancel.ts'
import type { Cell } from './cell.ts'
import type { Call, FakeOptions } from './types.ts'

export class World {
  readonly calls: Call[] = []
  readonly containers = new Map<string, Cell>()
  readonly networks = new Map<string, ObservedNetwork>()
  readonly volumes = new Map<string, ObservedVolume>()
  readonly images = new Map<string, ObservedImage>()
  readonly contents = new Map<string, string>()
  readonly locks = new Map<string, Promise<void>>()
  ticks = 0
  usageReads = 0
  readonly events: ContainerEvent[] = []
  readonly eventListeners = new Set<() => void>()
  readonly options: FakeOptions

  constructor(options: FakeOptions) {
    this.options = options
    for (const reference of options.images ?? []) this.images.set(reference, this.imageFor(reference))
  }

  async enter(method: string, subject: string, signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal)
    const call = { method, subject }
    await this.options.onCall?.(call)
    throwIfCancelled(signal)
    this.calls.push(call)
  }

  async enterContainer(method: string, containerId: string, signal: AbortSignal): Promise<Cell> {
    await this.enter(method, this.containers.get(containerId)?.state.containerName ?? containerId, signal)
    const cell = this.containers.get(containerId)
    if (cell === undefined) throw new DriverError('container-not-found', `there is no container "${containerId}"`)
    return cell
  }

  tell({ state }: Cell, action: string, attributes: ContainerEvent['attributes'] = {}): void {
    const { containerId, containerName, image, labels } = state
    const timeNs = this.tickNs()
    this.events.push({ timeNs, containerId, containerName, image, labels, action, attributes })
    for (const wake of this.eventListeners) wake()
    this.eventListeners.clear()
  }

  end(cell: Cell, exitCode: number): void {
    this.change(cell, { status: 'exited', exitCode, finishedAtMs: this.tick(), ports: [] })
    this.tell(cell, 'die', { exitCode: String(exitCode) })
  }

  change(cell: Cell, change: Partial<ObservedContainer>): void {
    cell.state = { ...cell.state, ...change }
    for (const wake of cell.watchers) wake()
  }

  everything(): Observed {
    return { containers: this.states(), networks: [...this.networks.values()], volumes: [...this.volumes.values()] }
  }

  named(containerName: string): Cell | undefined {
    return [...this.containers.values()].find((cell) => cell.state.containerName === containerName)
  }

  states(): readonly ObservedContainer[] {
    return [...this.containers.values()].map((cell) => cell.state)
  }

  imageFor(reference: string): ObservedImage {
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

  newId(): string {
    return sha256(`object ${this.tick()}`)
  }

  tick(): number {
    this.ticks += 1
    return this.ticks
  }

  tickNs(): bigint {
    return BigInt(this.tick()) * 1_000_000n
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
