/** `stop`, `kill` and `rm`: plans that only take containers out of service. */
import type { Observed } from '../driver/driver.ts'
import { type Draft, keyOf, openDraft } from './draft.ts'
import { isAlive, isOfOtherFiles, isOneOff, orphansOf, serviceOf } from './observed-containers.ts'
import type { KillOptions, RemoveOptions, StopOptions } from './options.ts'
import type { Plan } from './plan.ts'
import { addRemoval, addStops, serviceNameOf } from './retire.ts'
import { type Scope, type Subject, scopeOf } from './scope.ts'

/** Stops the services' containers, dependents first. */
export function planStop(subject: Subject, observed: Observed, options: StopOptions): Plan {
  const scope = scopeOf(subject, observed, options.services)
  const draft = openDraft(subject)
  addStops(draft, scope, { because: { reason: 'stop was asked for' }, ...timeoutOf(options) })
  return finish(draft, scope)
}

/** Signals the services' containers, all at once, and what `run` has made of them. */
export function planKill(subject: Subject, observed: Observed, options: KillOptions): Plan {
  const scope = scopeOf(subject, observed, options.services)
  const { project } = scope
  const orphans =
    options.removeOrphans && project
      ? orphansOf(project, observed.containers).filter((one) => !isOfOtherFiles(project, one))
      : []
  const draft = openDraft()
  const oneOffs = observed.containers.filter((one) => isOneOff(one) && scope.services.includes(serviceOf(one) ?? ''))
  for (const container of new Set([...containersOf(scope), ...oneOffs, ...orphans].filter(isAlive))) {
    draft.add({
      key: keyOf.kill(container.containerId),
      after: [],
      because: { reason: 'kill was asked for' },
      ...serviceNameOf(container),
      action: {
        kind: 'kill-container',
        containerName: container.containerName,
        containerId: container.containerId,
        signalName: options.signalName,
      },
    })
  }
  return finish(draft, scope)
}

/** Removes the services' stopped containers; with `stop` the running ones as well. */
export function planRemove(subject: Subject, observed: Observed, options: RemoveOptions): Plan {
  const scope = scopeOf(subject, observed, options.services)
  const because = { reason: 'removal was asked for' }
  const draft = openDraft(subject)
  if (options.stop) addStops(draft, scope, { because, ...timeoutOf(options) })
  for (const container of containersOf(scope)) {
    if (isAlive(container) && !options.stop) continue
    addRemoval(draft, container, { because, anonymousVolumes: options.volumes ?? false })
  }
  return finish(draft, scope)
}

export function timeoutOf(options: { readonly timeoutMs?: number }): { readonly timeoutMs?: number } {
  return options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }
}

function containersOf(scope: Scope) {
  return scope.services.flatMap((name) => scope.replicas.get(name) ?? [])
}

function finish(draft: Draft, scope: Scope): Plan {
  return draft.finish({ projectName: scope.projectName, unchanged: [], orphans: [], warnings: [] })
}
