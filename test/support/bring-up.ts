/** The way of a command through the planner, over any driver: look, plan, apply. */
import type { Driver } from '../../src/driver/driver.ts'
import type { Project } from '../../src/model/project.ts'
import { applyPlan } from '../../src/planner/apply.ts'
import { planDown } from '../../src/planner/down.ts'
import { imageOf } from '../../src/planner/names.ts'
import type { DownOptions, Surroundings, UpOptions } from '../../src/planner/options.ts'
import type { Plan } from '../../src/planner/plan.ts'
import type { ProgressEvent } from '../../src/planner/progress.ts'
import { planUp } from '../../src/planner/up.ts'

export const NEVER = new AbortController().signal

export async function surroundingsOf(project: Project, driver: Driver): Promise<Surroundings> {
  const images = Object.entries(project.services).flatMap(([name, service]) => [
    imageOf(project, name, service),
    ...(service.pre_start ?? []).flatMap(({ image }) => image ?? []),
  ])
  return {
    images: await lookUp(images, (reference) => driver.findImage(reference, NEVER)),
    networks: await lookUp(namesOf(project.networks), (name) => driver.findNetwork(name, NEVER)),
    volumes: await lookUp(namesOf(project.volumes), (name) => driver.findVolume(name, NEVER)),
    limits: driver.limits,
    nowMs: Date.now(),
  }
}

export async function planFor(
  project: Project,
  driver: Driver,
  options: Omit<UpOptions, 'surroundings'> = {},
): Promise<Plan> {
  const observed = await driver.observe(project.name, NEVER)
  return planUp(project, observed, { ...options, surroundings: await surroundingsOf(project, driver) })
}

export async function up(
  project: Project,
  driver: Driver,
  options: Omit<UpOptions, 'surroundings'> = {},
): Promise<Plan> {
  const plan = await planFor(project, driver, options)
  await apply(plan, driver)
  return plan
}

export async function down(project: Project, driver: Driver, options: DownOptions = {}): Promise<Plan> {
  const plan = planDown(project, await driver.observe(project.name, NEVER), options)
  await apply(plan, driver)
  return plan
}

/** Returns what the display would have been told. */
export async function apply(
  plan: Plan,
  driver: Driver,
  signal: AbortSignal = NEVER,
): Promise<readonly ProgressEvent[]> {
  const events: ProgressEvent[] = []
  await applyPlan(plan, driver, { onEvent: (event) => events.push(event), signal, now: () => 0 })
  return events
}

async function lookUp<T>(
  names: readonly string[],
  find: (name: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await find(name)] as const)))
}

function namesOf(resources: Readonly<Record<string, { readonly name: string }>>): readonly string[] {
  return Object.values(resources).map((one) => one.name)
}
