/** A plan for programs: schemas/output/plan.json describes it. What `renderPlan` prints is `changes`; `steps` is how it is done. */
import { type Because, isEmpty, type Plan, type Step } from '../planner/plan.ts'
import { type Change, changesOf } from './plan.ts'

export function renderPlanJson(plan: Plan): string {
  return `${JSON.stringify(toJson(plan), undefined, 2)}\n`
}

function toJson(plan: Plan): unknown {
  return {
    version: 1,
    project: plan.projectName,
    empty: isEmpty(plan),
    changes: changesAsJson(plan),
    steps: plan.steps.map(toStep),
    unchanged: plan.unchanged
      .filter(({ containerId }) => !isTouched(containerId, plan))
      .map(({ containerName, containerId, serviceName, running }) => ({
        name: containerName,
        id: containerId,
        service: serviceName,
        running,
      })),
    orphans: plan.orphans.map(({ containerName, containerId }) => ({ name: containerName, id: containerId })),
  }
}

export const changesAsJson = (plan: Plan): readonly unknown[] => changesOf(plan).map(toChange)

const isTouched = (containerId: string, { steps }: Plan): boolean =>
  steps.some((step) => step.kind === 'update-container' && step.containerId === containerId)

const ACTIONS = {
  '+': 'create',
  '~': 'change',
  '-/+': 'recreate',
  '-': 'remove',
  '>': 'start',
  x: 'stop',
  '.': 'wait',
} as const satisfies Record<Change['sign'], string>

function toChange({ sign, verb, type, name, because }: Change): unknown {
  return { action: ACTIONS[sign], verb, type, name, because: toBecause(because) }
}

function toBecause({ reason, field, old, new: now, at, also }: Because): unknown {
  return {
    reason,
    ...(field && { field }),
    ...(old !== undefined && { old }),
    ...(now !== undefined && { new: now }),
    ...(at && { file: at.file, line: at.line, column: at.column }),
    ...(also && { also }),
  }
}

function toStep(step: Step): unknown {
  const { id, after, kind, serviceName, partOf, because } = step
  return {
    id,
    after,
    kind,
    name: subjectOf(step),
    ...(serviceName !== undefined && { service: serviceName }),
    ...(partOf && { partOf: { action: partOf.kind, container: partOf.containerName } }),
    ...hooksOf(step),
    because: toBecause(because),
  }
}

function hooksOf(step: Step): { readonly hooks?: unknown } {
  const around = step.kind === 'stop-container' ? step.preStop : step.kind === 'start-container' && step.postStart
  return around ? { hooks: around.map(({ kind, spec }) => ({ kind, command: spec.argv })) } : {}
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
    case 'remove-network':
      return step.networkName
    case 'create-volume':
      return step.spec.volumeName
    case 'remove-volume':
      return step.volumeName
    case 'create-container':
    case 'run-container':
      return step.spec.containerName
    default:
      return step.containerName
  }
}
