/** Waits until a container is what its dependents need, told by the driver, never by asking again and again. */
import { ComposeError } from '../diagnostic.ts'
import type { ObservedContainer } from '../driver/driver.ts'
import type { StepOf, WaitAction, WaitCondition } from './plan.ts'
import type { Reporter } from './reporter.ts'
import type { StepContext } from './step-context.ts'

type Verdict =
  | { readonly kind: 'pending' }
  | { readonly kind: 'met'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: string }

const PENDING: Verdict = { kind: 'pending' }

export async function waitForContainer(
  step: StepOf<'wait-container'>,
  containerId: string,
  { driver, reporter, signal }: Pick<StepContext, 'driver' | 'reporter' | 'signal'>,
): Promise<void> {
  for await (const state of driver.watchContainer(containerId, signal)) {
    const verdict = judge(step, state)
    if (verdict.kind === 'met') return reporter.finish(step, verdict.text)
    if (verdict.kind === 'failed') return giveUp(step, verdict.message, reporter)
  }
  signal.throwIfAborted()
  giveUp(step, `container ${step.containerName} is gone`, reporter)
}

function giveUp(step: StepOf<'wait-container'>, message: string, reporter: Reporter): void {
  if (step.required) throw dependencyFailed(step, message)
  reporter.warn(step, `optional dependency "${step.dependencyName}" failed to start: ${message}`)
}

function dependencyFailed(step: WaitAction, message: string): ComposeError {
  return new ComposeError([
    {
      severity: 'error',
      code: 'dependency-failed',
      message: step.condition === 'healthy' ? `dependency failed to start: ${message}` : message,
      hint: `see what it says with "tscompose logs ${step.dependencyName}"`,
    },
  ])
}

/** The words of a verdict are Docker Compose's own; scripts look for them. */
function judge(step: WaitAction, state: ObservedContainer): Verdict {
  return JUDGES[step.condition](step, state)
}

const JUDGES: Readonly<Record<WaitCondition, (step: WaitAction, state: ObservedContainer) => Verdict>> = {
  started: (step, state) => {
    if (state.startedAtMs > 0 && state.status !== 'created') return { kind: 'met', text: 'Started' }
    return hasEnded(state) ? exited(step, state) : PENDING
  },
  healthy: (step, state) => {
    if (hasEnded(state)) return exited(step, state)
    if (state.health === undefined && state.status === 'running') {
      return { kind: 'failed', message: `container ${step.containerName} has no healthcheck configured` }
    }
    return judgeHealth(step, state)
  },
  completed: (step, state) => {
    if (!hasEnded(state)) return PENDING
    if (state.exitCode === 0) return { kind: 'met', text: 'Exited' }
    return {
      kind: 'failed',
      message: `service "${step.dependencyName}" didn't complete successfully: exit ${state.exitCode}${reason(state)}`,
    }
  },
  'started-or-healthy': (step, state) => {
    if (hasEnded(state)) return state.exitCode === 0 ? { kind: 'met', text: 'Exited' } : exited(step, state)
    if (state.health === undefined && state.status === 'running') return { kind: 'met', text: 'Healthy' }
    return judgeHealth(step, state)
  },
}

function judgeHealth(step: WaitAction, state: ObservedContainer): Verdict {
  if (state.status !== 'running') return PENDING
  if (state.health === 'healthy') return { kind: 'met', text: 'Healthy' }
  if (state.health === 'unhealthy')
    return { kind: 'failed', message: `container ${step.containerName} is unhealthy${lastOutput(state)}` }
  return PENDING
}

/** What the last probe wrote is the shortest way to what is amiss. */
function lastOutput({ healthOutputs = [] }: ObservedContainer): string {
  const line = healthOutputs.at(-1)?.trim().split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${line}`
}

function hasEnded(state: ObservedContainer): boolean {
  return state.status === 'exited' || state.status === 'dead'
}

/** The exit code alone looks like a kill. */
function reason(state: ObservedContainer): string {
  return state.oomKilled ? ': it ran out of memory' : ''
}

function exited(step: WaitAction, state: ObservedContainer): Verdict {
  return { kind: 'failed', message: `container ${step.containerName} exited (${state.exitCode})${reason(state)}` }
}
