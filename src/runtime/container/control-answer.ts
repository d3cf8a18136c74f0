/** What a monitor is asked and what it answers (docs/monitor.md): one request for each connection, answers as JSON lines. */
import { DriverError } from '../../driver/driver.ts'
import { refusalOf } from '../native-error.ts'
import type { ContainerStateRecord, MonitorSpec, OciProcess, OciResources } from './monitor-spec.ts'

export type ControlRequest =
  | { readonly op: 'state' }
  | { readonly op: 'subscribe' }
  | { readonly op: 'signal'; readonly signal: number }
  | { readonly op: 'kill'; readonly signal: number }
  | { readonly op: 'pause' | 'unpause' }
  | { readonly op: 'update'; readonly restart: MonitorSpec['restart']; readonly resources?: OciResources }
  | { readonly op: 'stop'; readonly signal?: number; readonly graceMs?: number }
  | { readonly op: 'attach'; readonly stdin: boolean }
  | {
      readonly op: 'exec'
      readonly process: OciProcess
      readonly user: string
      readonly groupAdd: readonly string[]
      readonly stdin: boolean
      readonly detach: boolean
      readonly rows: number
      readonly columns: number
    }

export interface ControlAnswer {
  readonly ok: true
  readonly state?: ContainerStateRecord
  readonly pid?: number
}

interface ControlFailure {
  readonly ok: false
  readonly error: {
    readonly code: DriverError['code']
    readonly message: string
    readonly hint?: string
    readonly exitCode?: number
  }
}

export class ControlRefusal extends DriverError {
  /** What a shell would answer: 126 or 127 for a program that could not be run. */
  readonly exitCode: number | undefined

  constructor(refusal: DriverError, exitCode: number | undefined) {
    super(refusal.code, refusal.message, refusal.hint === undefined ? {} : { hint: refusal.hint })
    this.exitCode = exitCode
  }

  /** The same refusal with the container's name in it. */
  of(containerName: string): DriverError {
    const message = this.message.replace(/^the container /, `container "${containerName}" `)
    return new DriverError(this.code, message, { ...(this.hint !== undefined && { hint: this.hint }), cause: this })
  }
}

/** Throws what it refuses. */
export function readAnswer(line: string): ControlAnswer {
  const answer = JSON.parse(line) as ControlAnswer | ControlFailure
  if (answer.ok) return answer
  throw new ControlRefusal(refusalOf(answer.error), answer.error.exitCode)
}

/** What has ended a conversation: nobody answers, unless we did not want to wait. */
export function lostError(cause?: unknown): DriverError {
  if (cause instanceof DriverError && cause.code === 'cancelled') return cause
  return new DriverError('monitor-lost', 'the process that watches over the container does not answer', { cause })
}
