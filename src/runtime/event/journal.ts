/** The journal of what happens to containers: lines of JSON, written by monitors (native/monitor/src/events.rs) and, for what they can't know of, here. */
import { appendFileSync } from 'node:fs'
import type { ContainerEvent } from '../../driver/driver.ts'
import type { ContainerRecord } from '../container/record.ts'
import type { StatePaths } from '../state/paths.ts'

export interface EventLine {
  /** Decimal digits. */
  readonly timeNs: string
  readonly containerId: string
  readonly action: string
  readonly attributes: Readonly<Record<string, string>>
  /** Whose it is, where its record is new or about to go. */
  readonly container?: EventSubject
}

export type EventSubject = Pick<ContainerEvent, 'containerName' | 'image' | 'labels'>

export interface Happening {
  readonly record: Pick<ContainerRecord, 'containerId' | 'containerName' | 'image' | 'labels'>
  readonly action: string
  readonly attributes?: Readonly<Record<string, string>>
}

/** What can't be entered is not worth failing for. */
export function enterEvent(paths: StatePaths, { record, action, attributes = {} }: Happening): void {
  const { containerId, containerName, image, labels } = record
  const timeNs = `${BigInt(Date.now()) * 1_000_000n}`
  const line: EventLine = { timeNs, containerId, action, attributes, container: { containerName, image, labels } }
  try {
    appendFileSync(paths.eventsFile, `${JSON.stringify(line)}\n`, { mode: 0o600 })
  } catch {
    // The disk is full, or the directory went.
  }
}

/** Undefined for a line that is none of ours, such as one that was cut by a full disk. */
export function readEventLine(text: string): EventLine | undefined {
  try {
    const line = JSON.parse(text) as EventLine
    return typeof line.action === 'string' && /^\d+$/.test(line.timeNs) ? line : undefined
  } catch {
    return undefined
  }
}
