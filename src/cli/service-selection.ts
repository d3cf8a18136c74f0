/** Which of a project's containers a command speaks of, from its operands and `--index`. */
import { LABEL, type ObservedContainer } from '../driver/driver.ts'
import type { Subject } from '../planner/scope.ts'
import { Refusal } from './failure.ts'
import { noSuchService } from './no-such-service.ts'

export function serviceOf(container: ObservedContainer): string {
  return container.labels[LABEL.service] ?? ''
}

export function isOneOff(container: ObservedContainer): boolean {
  return container.labels[LABEL.oneoff] === 'True'
}

export function numberOf(container: ObservedContainer): number {
  return Number(container.labels[LABEL.containerNumber] ?? 0)
}

/** A name that is nobody's service is a mistake; containers of services that left the files still answer to theirs. */
export function requireServices(
  names: readonly string[],
  subject: Subject,
  containers: readonly ObservedContainer[],
): void {
  const declared = typeof subject === 'string' ? [] : Object.keys({ ...subject.services, ...subject.disabledServices })
  const known = new Set([...declared, ...containers.map(serviceOf)])
  const unknown = names.find((name) => !known.has(name))
  if (unknown === undefined) return
  throw noSuchService(unknown, [...known].sort(), known.size === 0 ? 'the project has no containers' : undefined)
}

export interface Replica {
  readonly serviceName: string
  /** 0 is the first there is. */
  readonly index: number
}

/** The one running container that `exec`, `attach` and `port` mean: the first replica, or else one that `run` has made. */
export function requireRunning(
  containers: readonly ObservedContainer[],
  { serviceName, index }: Replica,
): ObservedContainer {
  const own = containers
    .filter((one) => serviceOf(one) === serviceName && (index === 0 || !isOneOff(one)))
    .sort((a, b) => Number(isOneOff(a)) - Number(isOneOff(b)) || numberOf(a) - numberOf(b))
  const running = own.filter((one) => one.status === 'running' || one.status === 'paused')
  const found = index === 0 ? running[0] : running.find((one) => numberOf(one) === index)
  if (found) return found
  const which =
    index === 0
      ? `service "${serviceName}" is not running`
      : `service "${serviceName}" is not running container #${index}`
  throw new Refusal(
    which,
    own.length === 0
      ? `start it with: tscompose up -d ${serviceName}`
      : `start it with: tscompose start ${serviceName}`,
  )
}

/** The replicas that are meant, whether they run or not, by their numbers; there is at least one. With `all`, those of `run` as well. */
export function requireReplicas(
  containers: readonly ObservedContainer[],
  { serviceName, index, all = false }: Replica & { readonly all?: boolean },
): readonly [ObservedContainer, ...ObservedContainer[]] {
  const [first, ...others] = containers
    .filter((one) => serviceOf(one) === serviceName && (all || !isOneOff(one)))
    .filter((one) => index === 0 || numberOf(one) === index)
    .sort((a, b) => numberOf(a) - numberOf(b))
  if (first) return [first, ...others]
  throw new Refusal(
    index === 0
      ? `no container found for service "${serviceName}"`
      : `service "${serviceName}" has no container #${index}`,
    `make one with: tscompose up -d ${serviceName}`,
  )
}

/** A container's name without its project's: what log lines begin with. */
export function shortName(container: ObservedContainer): string {
  const project = container.labels[LABEL.project] ?? ''
  const usual = `${project}-${serviceOf(container)}-${container.labels[LABEL.containerNumber] ?? ''}`
  return container.containerName === usual ? usual.slice(project.length + 1) : container.containerName
}

export function projectNameOf(subject: Subject): string {
  return typeof subject === 'string' ? subject : subject.name
}
