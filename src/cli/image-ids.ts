/** Which images a plan makes containers of without fetching them, and which those are at the moment. */
import type { Driver } from '../driver/driver.ts'
import type { ImageIds } from '../planner/basis.ts'
import type { Plan } from '../planner/plan.ts'

export async function imageIdsOf(plan: Plan, driver: Driver, signal: AbortSignal): Promise<ImageIds> {
  const pulled = new Set(plan.steps.flatMap((step) => (step.kind === 'pull-image' ? [step.image] : [])))
  const used = plan.steps.flatMap((step) => (step.kind === 'create-container' ? [step.spec.image] : []))
  const references = [...new Set(used)].filter((image) => !pulled.has(image)).sort()
  const entries = references.map(async (reference) => {
    const found = await driver.findImage(reference, signal)
    return [reference, found?.imageId ?? null] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}
