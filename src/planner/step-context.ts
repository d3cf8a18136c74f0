/** What a step needs around it while it runs. */
import type { Driver, PushedImage } from '../driver/driver.ts'
import type { Plan } from './plan.ts'
import type { Reporter } from './reporter.ts'
import type { HookListener } from './run-hooks.ts'

/** What could not be known when the plan was made. */
export interface Ledger {
  readonly containerIds: Map<string, string>
  /** Ids of the images fetched on the way, by reference. */
  readonly imageIds: Map<string, string>
  /** As the plan names them. */
  readonly pushedImages: Map<string, PushedImage>
}

export interface StepContext {
  readonly driver: Driver
  readonly ledger: Ledger
  readonly reporter: Reporter
  readonly signal: AbortSignal
  readonly hookListener: HookListener
}

export function openLedger(plan: Plan): Ledger {
  const containerIds = new Map<string, string>()
  for (const one of plan.unchanged) containerIds.set(one.containerName, one.containerId)
  return { containerIds, imageIds: new Map(), pushedImages: new Map() }
}
