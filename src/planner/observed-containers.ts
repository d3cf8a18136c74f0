/** Reads what the labels of an existing container say about its place in the project. */
import { LABEL, type ObservedContainer } from '../driver/driver.ts'
import type { Project } from '../model/project.ts'

export function serviceOf(container: ObservedContainer): string | undefined {
  return container.labels[LABEL.service]
}

export function isOneOff(container: ObservedContainer): boolean {
  return container.labels[LABEL.oneoff] === 'True'
}

/** Made to run a `pre_start`, and gone when that has ended. */
export function isPreStart(container: ObservedContainer): boolean {
  return container.labels[LABEL.hook] === 'pre_start'
}

/** 0 where there is none; numbers count from 1. */
export function numberOf(container: ObservedContainer): number {
  const number = Number(container.labels[LABEL.containerNumber])
  return Number.isInteger(number) ? number : 0
}

export function isRunning(container: ObservedContainer): boolean {
  return container.status === 'running' || container.status === 'restarting'
}

/** Has processes, so that it has to be stopped before it can go. */
export function isAlive(container: ObservedContainer): boolean {
  return isRunning(container) || container.status === 'paused'
}

/** The containers of one service, by number, then name; one-off runs are nobody's replica. */
export function replicasOf(
  serviceName: string,
  containers: readonly ObservedContainer[],
): readonly ObservedContainer[] {
  return containers.filter((one) => serviceOf(one) === serviceName && !isOneOff(one)).sort(byNumber)
}

export function byNumber(a: ObservedContainer, b: ObservedContainer): number {
  return numberOf(a) - numberOf(b) || (a.containerName < b.containerName ? -1 : 1)
}

/** Containers whose service is in no file; a one-off run counts only once it has ended. */
export function orphansOf(project: Project, containers: readonly ObservedContainer[]): readonly ObservedContainer[] {
  const isKnown = (name: string): boolean =>
    Object.hasOwn(project.services, name) || Object.hasOwn(project.disabledServices, name)
  return containers.filter((container) => {
    if (isPreStart(container)) return false
    if (isOneOff(container)) return container.status === 'exited' || container.status === 'dead'
    return !isKnown(serviceOf(container) ?? '')
  })
}

/** Made from files in another directory: a project of the same name there, whose containers are not ours to remove. */
export function isOfOtherFiles({ workingDir }: Project, container: ObservedContainer): boolean {
  const madeIn = container.labels[LABEL.workingDir]
  return madeIn !== undefined && madeIn !== '' && madeIn !== workingDir
}

/** Drivers name anonymous volumes as Docker does. */
export function isAnonymousVolume(volumeName: string): boolean {
  return /^[0-9a-f]{64}$/.test(volumeName)
}
