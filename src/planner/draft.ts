/** A plan while it is being made: steps know each other by key, and get their order and numbers when it is finished. */
import type { Project } from '../model/project.ts'
import { type Hooks, hooksOf } from './hooks.ts'
import type { Plan, Step, StepAction, StepId } from './plan.ts'

export interface DraftStep {
  /** Unique in the draft; made by `keyOf` so that a step can be waited for before it is added. */
  readonly key: string
  /** Keys that no step has by the end are things that are there already. */
  readonly after: readonly string[]
  readonly because: Step['because']
  readonly action: StepAction
  readonly serviceName?: string
  readonly partOf?: Step['partOf']
}

export interface Draft {
  readonly add: (step: DraftStep) => void
  readonly has: (key: string) => boolean
  /** What the services want run around starts and stops. */
  readonly hooks: Hooks
  readonly finish: (rest: Omit<Plan, 'steps'>) => Plan
}

/** With a project, containers are started and stopped with their services' hooks. */
export function openDraft(project?: Project | string): Draft {
  const steps = new Map<string, DraftStep>()
  return {
    add: (step) => {
      if (steps.has(step.key)) throw new Error(`step "${step.key}" was planned twice; please report this`)
      steps.set(step.key, step)
    },
    has: (key) => steps.has(key),
    hooks: hooksOf(project),
    finish: (rest) => freeze({ ...rest, steps: number(steps) }),
  }
}

export const keyOf = {
  pull: (image: string): string => `pull ${image}`,
  push: (image: string): string => `push ${image}`,
  createNetwork: (name: string): string => `create network ${name}`,
  removeNetwork: (name: string): string => `remove network ${name}`,
  createVolume: (name: string): string => `create volume ${name}`,
  removeVolume: (name: string): string => `remove volume ${name}`,
  removeImage: (image: string): string => `remove image ${image}`,
  /** Of containers that exist, by id: their names may change on the way. */
  stop: (containerId: string): string => `stop ${containerId}`,
  kill: (containerId: string): string => `kill ${containerId}`,
  pause: (containerId: string): string => `pause ${containerId}`,
  remove: (containerId: string): string => `remove ${containerId}`,
  update: (containerId: string): string => `update ${containerId}`,
  /** Of containers as they shall be, by final name. */
  create: (name: string): string => `create ${name}`,
  rename: (name: string): string => `rename to ${name}`,
  run: (name: string): string => `run ${name}`,
  start: (name: string): string => `start ${name}`,
  wait: (name: string, condition: string): string => `wait for ${name} ${condition}`,
} as const

/** Each step right after those it waits for, otherwise in the order of adding. */
function number(steps: ReadonlyMap<string, DraftStep>): readonly Step[] {
  const ids = new Map<string, StepId>()
  const numbered: Step[] = []
  const onTheWay = new Set<string>()
  const visit = (step: DraftStep): StepId => {
    const known = ids.get(step.key)
    if (known !== undefined) return known
    if (onTheWay.has(step.key)) throw new Error(`step "${step.key}" waits for itself; please report this`)
    onTheWay.add(step.key)
    const after = step.after.flatMap((key) => {
      const before = steps.get(key)
      return before === undefined ? [] : [visit(before)]
    })
    const id = numbered.length + 1
    ids.set(step.key, id)
    numbered.push(toStep(step, id, after))
    return id
  }
  for (const step of steps.values()) visit(step)
  return numbered
}

function toStep(step: DraftStep, id: StepId, after: readonly StepId[]): Step {
  return {
    id,
    after: [...new Set(after)].sort((a, b) => a - b),
    because: step.because,
    ...(step.serviceName !== undefined && { serviceName: step.serviceName }),
    ...(step.partOf !== undefined && { partOf: step.partOf }),
    ...step.action,
  }
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
  return value
}
