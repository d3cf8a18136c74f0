/** A container in memory. */
import { type ContainerSpec, DriverError, type LogEntry, type ObservedContainer } from '../../../src/driver/driver.ts'

export interface Cell {
  spec: ContainerSpec
  state: ObservedContainer
  readonly watchers: Set<() => void>
  readonly log: LogEntry[]
  readonly files: Map<string, string>
  readonly anonymousVolumes: readonly string[]
  /** Counts starts, so that a program that was ended by hand doesn't end the next run. */
  run: number
}

export function isAlive(cell: Cell): boolean {
  return cell.state.status === 'running' || cell.state.status === 'paused'
}

export function notRunning({ state }: Cell): DriverError {
  return new DriverError('container-not-running', `container "${state.containerName}" is not running`)
}
