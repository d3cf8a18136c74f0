/** `pause` and `unpause`: plans that freeze containers and let them go on, all at once. */
import type { Observed, ObservedContainer } from '../driver/driver.ts'
import { keyOf, openDraft } from './draft.ts'
import { isAlive } from './observed-containers.ts'
import type { Plan, StepAction } from './plan.ts'
import { serviceNameOf } from './retire.ts'
import { type Subject, scopeOf } from './scope.ts'

interface Services {
  /** Empty is all. */
  readonly services: readonly string[]
}

/** One that is paused already is not left out: whoever asked hears that from the driver. */
export function planPause(subject: Subject, observed: Observed, options: Services): Plan {
  return planEach(subject, observed, { ...options, kind: 'pause-container', reason: 'pause was asked for' })
}

export function planUnpause(subject: Subject, observed: Observed, options: Services): Plan {
  return planEach(subject, observed, { ...options, kind: 'unpause-container', reason: 'unpause was asked for' })
}

interface Each extends Services {
  readonly kind: (StepAction & { readonly kind: 'pause-container' | 'unpause-container' })['kind']
  readonly reason: string
}

function planEach(subject: Subject, observed: Observed, { services, kind, reason }: Each): Plan {
  const scope = scopeOf(subject, observed, services)
  const draft = openDraft()
  const add = (container: ObservedContainer): void => {
    const { containerName, containerId } = container
    draft.add({
      key: keyOf.pause(containerId),
      after: [],
      because: { reason },
      ...serviceNameOf(container),
      action: { kind, containerName, containerId },
    })
  }
  for (const name of scope.services) (scope.replicas.get(name) ?? []).filter(isAlive).forEach(add)
  return draft.finish({ projectName: scope.projectName, unchanged: [], orphans: [], warnings: [] })
}
