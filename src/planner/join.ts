/** Two plans as one: what has to be done before the rest could be planned, and the rest. */
import type { Plan, Step, StepId } from './plan.ts'

export function joinPlans(first: Plan, rest: Plan): Plan {
  const count = first.steps.length
  if (count === 0) return rest
  const all = first.steps.map(({ id }) => id)
  const shift = (id: StepId): StepId => id + count
  const later = rest.steps.map(
    (step): Step => ({ ...step, id: shift(step.id), after: [...all, ...step.after.map(shift)] }),
  )
  return { ...rest, steps: [...first.steps, ...later], warnings: [...first.warnings, ...rest.warnings] }
}
