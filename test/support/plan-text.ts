/** A plan as the tests compare it: every step with what it waits for. */
import type { Plan, Step } from '../../src/planner/plan.ts'

export function stepLines(plan: Plan): string {
  return plan.steps.map(stepLine).join('\n')
}

function stepLine(step: Step): string {
  const after = step.after.length === 0 ? '' : ` after ${step.after.map((id) => `#${id}`).join(' ')}`
  return `#${step.id} ${step.kind} ${subjectOf(step)} (${step.because.reason})${after}`
}

function subjectOf(step: Step): string {
  switch (step.kind) {
    case 'pull-image':
    case 'push-image':
    case 'remove-image':
      return step.image
    case 'build-image':
      return step.request.image
    case 'create-network':
      return step.spec.networkName
    case 'create-volume':
      return step.spec.volumeName
    case 'create-container':
    case 'run-container':
      return step.spec.containerName
    case 'remove-network':
      return step.networkName
    case 'remove-volume':
      return step.volumeName
    case 'rename-container':
      return `${step.containerName} to ${step.newName}`
    case 'wait-container':
      return `${step.containerName} ${step.condition}${step.required ? '' : ' at best'}`
    case 'start-container':
    case 'stop-container':
    case 'kill-container':
    case 'pause-container':
    case 'unpause-container':
    case 'remove-container':
    case 'update-container':
      return step.containerName
  }
}
