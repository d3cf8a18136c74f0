/** What the user reads when a command fails, and the exit code it ends with. */
import type { ComposeError, Diagnostic, DiagnosticCode } from '../diagnostic.ts'
import { EXIT } from '../diagnostic.ts'
import type { Step } from '../planner/plan.ts'
import { wordsFor } from '../planner/progress.ts'
import { renderDiagnostics, renderError } from '../view/diagnostics.ts'
import { escapeLines, type Paint } from '../view/paint.ts'
import type { ExitStatus } from './failure.ts'
import type { Telling } from './telling.ts'

export interface FailureContext {
  readonly paint: Paint
  /** Ctrl-C came first: whatever failed after it failed because of it. */
  readonly interrupted: boolean
  readonly telling: Telling
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
  const { instead, besides } = context.telling
  if (instead) return { exitCode, text: instead(diagnose(error, context)) }
  return { exitCode, text: describe(error, context) + (besides?.(diagnose(error, context)) ?? '') }
}

function describe(error: Error, context: FailureContext): string {
  const { paint, usage, program } = context
  switch (error.name) {
    case 'UsageError':
      return `${escapeLines(error.message)}\n${hintLine((error as Hinted).hint, paint)}\n${usage}\n\nRun '${program} --help' for more information\n`
    case 'ComposeError':
    case 'ApplyError':
    case 'DriverError':
      return renderDiagnostics(diagnose(error, context), paint)
    case 'Refusal':
      return renderError(error.message, (error as Hinted).hint, paint)
    default:
      return renderError(internalMessage(error, context), REPORT, paint)
  }
}

/** Whatever failed, in the one form that programs read. */
function diagnose(error: Error, context: FailureContext): readonly Diagnostic[] {
  switch (error.name) {
    case 'UsageError':
      return [problem('usage', error.message, (error as Hinted).hint ?? helpOf(context))]
    case 'ComposeError':
      return (error as ComposeError).diagnostics
    case 'ApplyError':
      return (error as unknown as ApplyFailure).failures.flatMap((one) => diagnoseStep(one.step, one.error as Error))
    case 'DriverError':
      return [refused(error)]
    case 'Refusal':
      return [problem('not-possible', error.message, (error as Hinted).hint ?? helpOf(context))]
    default:
      return [problem('internal', internalMessage(error, context), REPORT)]
  }
}

const problem = (code: DiagnosticCode, message: string, hint = ''): Diagnostic => ({
  severity: 'error',
  code,
  message,
  hint,
})

const refused = (error: Refused, message = error.message): Diagnostic =>
  problem(error.code ?? 'internal', message, error.hint)

const helpOf = ({ program }: FailureContext): string => `run '${program} --help' for what there is`

const internalMessage = (error: Error, { debug }: FailureContext): string =>
  `internal error: ${debug ? error.stack : error.message}`

interface ApplyFailure {
  readonly failures: readonly { readonly step: Step; readonly error: unknown }[]
}

interface Hinted {
  readonly hint?: string
}

interface Refused extends Error, Hinted {
  readonly code?: DiagnosticCode
}

/** What a driver refuses is told with the thing it was about, where its own words don't name it. */
function diagnoseStep(step: Step, error: Error & Partial<Pick<ComposeError, 'diagnostics'>>): readonly Diagnostic[] {
  if (error.diagnostics) return error.diagnostics
  const { message } = error
  const [kind = '', name = ''] = wordsFor(step).resource.split(' ')
  const isNamed = message.includes(name) || message.includes(step.serviceName ?? name)
  return [refused(error, isNamed ? message : `${kind.toLowerCase()} "${name}": ${message}`)]
}

const hintLine = (hint: string | undefined, paint: Paint): string =>
  hint === undefined ? '' : `  ${paint('cyan', 'hint:')} ${escapeLines(hint)}\n`

const REPORT =
  'this is a bug in tscompose, please report it with the output of the same command under TSCOMPOSE_DEBUG=1'
