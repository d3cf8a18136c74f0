/** What the planner has to know of the world beyond the project's own objects, asked for all at once. */
import { type Driver, LABEL, type Observed } from '../driver/driver.ts'
import type { Project } from '../model/project.ts'
import type { Surroundings } from '../planner/options.ts'

export interface Outlook {
  readonly driver: Driver
  readonly project: Project
  readonly observed: Observed
  readonly signal: AbortSignal
}

export async function lookAround({ driver, project, observed, signal }: Outlook): Promise<Surroundings> {
  const own = (labels: Readonly<Record<string, string>>): boolean => labels[LABEL.project] === project.name
  const ownNetworks = new Set(observed.networks.filter((one) => own(one.labels)).map((one) => one.networkName))
  const ownVolumes = new Set(observed.volumes.filter((one) => own(one.labels)).map((one) => one.volumeName))
  const names = (objects: Readonly<Record<string, { readonly name: string }>>, known: ReadonlySet<string>) =>
    Object.values(objects)
      .map((one) => one.name)
      .filter((name) => !known.has(name))
  const [images, networks, volumes] = await Promise.all([
    findImages(project, driver, signal),
    ask(names(project.networks, ownNetworks), (name) => driver.findNetwork(name, signal)),
    ask(names(project.volumes, ownVolumes), (name) => driver.findVolume(name, signal)),
  ])
  return { images, networks, volumes, limits: driver.limits, nowMs: Date.now() }
}

export function findImages(project: Project, driver: Driver, signal: AbortSignal): Promise<Surroundings['images']> {
  return ask(imagesOf(project), (reference) => driver.findImage(reference, signal))
}

/** The images of each service; one that is built without a name of its own is called after project and service. */
function imagesOf(project: Project): readonly string[] {
  return Object.entries(project.services).flatMap(([name, service]) => [
    service.image ?? `${project.name}-${name}`,
    ...(service.pre_start ?? []).flatMap(({ image }) => image ?? []),
  ])
}

async function ask<T>(
  names: readonly string[],
  find: (name: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T | undefined>> {
  const distinct = [...new Set(names)]
  return new Map(await Promise.all(distinct.map(async (name) => [name, await find(name)] as const)))
}
