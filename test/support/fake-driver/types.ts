/** What tests say to the driver in memory, and what they may ask of it. */
import type {
  ContainerSpec,
  Driver,
  HealthStatus,
  Observed,
  ObservedNetwork,
  ObservedVolume,
} from '../../../src/driver/driver.ts'

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
