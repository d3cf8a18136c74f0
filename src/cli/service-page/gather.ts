/** Puts together what there is to say about one service. */
import type { ContainerEvent, Driver, ObservedContainer } from '../../driver/driver.ts'
import type { Project } from '../../model/project.ts'
import { replicasOf } from '../../planner/observed-containers.ts'
import { statusText } from '../../view/container-summary.ts'
import type { ContainerPage, ServicePage } from '../../view/service-page.ts'
import { endOfRecord, lastEndOf } from './ends.ts'
import { factsOf } from './facts.ts'
import { needsOf, type Seen } from './needs.ts'

export interface Subject {
  readonly project: Project
  readonly serviceName: string
}

export async function gatherPage(
  { project, serviceName }: Subject,
  seen: Seen,
  { driver, signal }: { readonly driver: Driver; readonly signal: AbortSignal },
): Promise<ServicePage> {
  const containers = replicasOf(serviceName, seen.containers)
  const events = new Map<string, ContainerEvent[]>(containers.map(({ containerId }) => [containerId, []]))
  if (containers.length > 0)
    for await (const event of driver.readEvents(project.name, { sinceMs: 0, untilMs: seen.nowMs }, signal))
      events.get(event.containerId)?.push(event)
  return {
    project: project.name,
    service: serviceName,
    facts: factsOf(project, serviceName),
    needs: needsOf(project, serviceName, seen),
    containers: containers.map((one) => pageOf(one, events.get(one.containerId) ?? [], seen.nowMs)),
  }
}

function pageOf(container: ObservedContainer, events: readonly ContainerEvent[], nowMs: number): ContainerPage {
  const { containerName, containerId, health, healthOutputs, error, restartCount } = container
  const lastEnd = lastEndOf(events, nowMs) ?? endOfRecord(container, nowMs)
  const lastProbe = healthOutputs?.at(-1)?.trim()
  return {
    name: containerName,
    id: containerId,
    status: statusText(container, nowMs),
    ...(health && { health }),
    ...(lastProbe && health !== 'healthy' && { lastProbe }),
    ...(error && { error }),
    restarts: restartCount,
    ...(lastEnd && { lastEnd }),
  }
}
