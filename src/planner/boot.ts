/** Brings back, after a start of the machine, what its restart policy wants to run: in the order of its dependencies, and nothing else. */
import type { Observed, ObservedContainer } from '../driver/driver.ts'
import { type Dependencies, dependenciesOfLabels } from './dependencies.ts'
import { openDraft } from './draft.ts'
import { isAlive, replicasOf } from './observed-containers.ts'
import type { Plan } from './plan.ts'
import { unchangedOf } from './start.ts'
import { addStarts, type Replica, type Replicas } from './start-steps.ts'

/** `stranded` are the ids of the containers that are to run. What stays down is waited for by nobody. */
export function planBoot(projectName: string, observed: Observed, stranded: ReadonlySet<string>): Plan {
  const dependencies = dependenciesOfLabels(observed.containers)
  const replicas = replicasIn(dependencies, observed, stranded)
  const draft = openDraft()
  addStarts(draft, dependencies, replicas)
  return draft.finish({ projectName, unchanged: unchangedOf(replicas), orphans: [], warnings: [] })
}

function replicasIn(dependencies: Dependencies, observed: Observed, stranded: ReadonlySet<string>): Replicas {
  const isMeant = (one: ObservedContainer): boolean => isAlive(one) || stranded.has(one.containerId)
  return new Map(
    [...dependencies.keys()].map((name) => [
      name,
      replicasOf(name, observed.containers)
        .filter(isMeant)
        .map((one) => replicaOf(name, one)),
    ]),
  )
}

function replicaOf(serviceName: string, observed: ObservedContainer): Replica {
  const replica = { serviceName, containerName: observed.containerName, observed, after: [] }
  return isAlive(observed)
    ? replica
    : { ...replica, start: { because: { reason: 'its restart policy wants it to run' } } }
}
