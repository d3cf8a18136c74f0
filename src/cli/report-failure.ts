/** What the user reads when a command fails, and the exit code it ends with. */
import type { ComposeError, Diagnostic } from '../diagnostic.ts'
import { EXIT } from '../diagnostic.ts'
import type { Step } from '../planner/plan.ts'
import { wordsFor } from '../planner/progress.ts'
import { renderDiagnostics, renderError } from '../view/diagnostics.ts'
import type { Paint } from '../view/paint.ts'
import type { ExitStatus } from './failure.ts'

export interface FailureContext {
  readonly paint: Paint
  /** Ctrl-C came first: whatever failed after it failed because of it. */
  readonly interrupted: boolean
  /** `--progress json` speaks JSON to the end. */
  readonly json: boolean
  /** The line `Usage:  …` of the command, and its name for the pointer to its help. */
  readonly usage: string
  readonly program: string
  /** Show where an internal error comes from. */
  readonly debug: boolean
}

export interface FailureReport {
  readonly exitCode: number
  /** For stderr. */
  readonly text: string
}

/** Errors are told apart by name: a class may be loaded twice, once for each bundle. */
export function reportFailure(error: Error, context: FailureContext): FailureReport {
  if (error.name === 'ExitStatus') return { exitCode: (error as ExitStatus).code, text: '' }
  if (error.name === 'OutputClosed') return { exitCode: EXIT.done, text: '' }
  if (context.interrupted || error.name === 'AbortError') return { exitCode: EXIT.interrupted, text: '' }
  const exitCode = (error as Partial<ComposeError>).exitCode ?? EXIT.failed
  return { exitCode, text: context.json ? jsonMessage(error) : describe(error, context) }
}

function jsonMessage(error: Error): string {
  return `${JSON.stringify({ error: true, message: error.message })}\n`
}

function describe(error: Error, { paint, usage, program, debug }: FailureContext): string {
  switch (error.name) {
    case 'UsageError':
      return `${error.message}\n\n${usage}\n\nRun '${program} --help' for more information\n`
    case 'ComposeError':
      return renderDiagnostics((error as ComposeError).diagnostics, paint)
    case 'ApplyError':
      return (error as unknown as ApplyFailure).failures.map((one) => describeStep(one.step, one.error, paint)).join('')
    case 'DriverError':
    case 'Refusal':
      return renderError(error.message, (error as Hinted).hint, paint)
    default:
      return renderError(`internal error: ${debug ? error.stack : error.message}`, REPORT, paint)
  }
}

interface ApplyFailure {
  readonly failures: readonly { readonly step: Step; readonly error: unknown }[]
}

interface Hinted {
  readonly hint?: string
}

/** What a driver refuses is told with the thing it was about, where its own words don't name it. */
function describeStep(step: Step, error: unknown, paint: Paint): string {
  const { message, hint, diagnostics } = error as Error & Hinted & { readonly diagnostics?: readonly Diagnostic[] }
  if (diagnostics) return renderDiagnostics(diagnostics, paint)
  const [kind = '', name = ''] = wordsFor(step).resource.split(' ')
  const isNamed = message.includes(name) || message.includes(step.serviceName ?? name)
  return renderError(isNamed ? message : `${kind.toLowerCase()} "${name}": ${message}`, hint, paint)
}

const REPORT =
  'this is a bug in tscompose, please report it with the output of the same command under TSCOMPOSE_DEBUG=1'
