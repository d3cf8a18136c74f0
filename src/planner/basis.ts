/** What a plan was made on, so that it can be told later whether it still fits: a plan that is kept is walked as it stands, or not at all. */
import type { Observed, ObservedContainer } from '../driver/driver.ts'

export interface Basis {
  readonly containers: readonly { readonly id: string; readonly name: string; readonly status: string }[]
  readonly networks: readonly { readonly id: string; readonly name: string }[]
  readonly volumes: readonly string[]
  /** Reference -> id of the images that containers are made of; null for none. */
  readonly images: Readonly<Record<string, string | null>>
}

export type ImageIds = Basis['images']

export function basisOf({ containers, networks, volumes }: Observed, images: ImageIds): Basis {
  return {
    containers: containers
      .map(({ containerId, containerName, status }) => ({ id: containerId, name: containerName, status }))
      .sort(byName),
    networks: networks.map(({ networkId, networkName }) => ({ id: networkId, name: networkName })).sort(byName),
    volumes: volumes.map(({ volumeName }) => volumeName).sort(),
    images,
  }
}

const byName = (a: Thing, b: Thing): number => (a.name < b.name ? -1 : 1)

/** What is not as it was, in words; empty when the plan still fits. */
export function movesSince(basis: Basis, observed: Observed, images: ImageIds): readonly string[] {
  return [
    ...containerMoves(basis.containers, observed.containers),
    ...moves('network', basis.networks, basisOf(observed, {}).networks),
    ...moves('volume', named(basis.volumes), named(observed.volumes.map(({ volumeName }) => volumeName))),
    ...Object.entries(basis.images)
      .filter(([reference, id]) => (images[reference] ?? null) !== id)
      .map(([reference]) => `image "${reference}" is another one`),
  ]
}

function containerMoves(before: Basis['containers'], now: readonly ObservedContainer[]): readonly string[] {
  const seen = basisOf({ containers: now, networks: [], volumes: [] }, {}).containers
  const changed = before.flatMap((one) => {
    const found = seen.find(({ id }) => id === one.id)
    if (found === undefined || (found.status === one.status && found.name === one.name)) return []
    return found.name === one.name
      ? [`container "${one.name}" was ${one.status} and is ${found.status}`]
      : [`container "${one.name}" is called "${found.name}"`]
  })
  return [...changed, ...moves('container', before, seen)]
}

interface Thing {
  readonly id: string
  readonly name: string
}

const named = (names: readonly string[]): readonly Thing[] => names.map((name) => ({ id: name, name }))

function moves(kind: string, before: readonly Thing[], now: readonly Thing[]): readonly string[] {
  const without = (ones: readonly Thing[], others: readonly Thing[]): readonly Thing[] =>
    ones.filter(({ id }) => !others.some((other) => other.id === id))
  return [
    ...without(before, now).map(({ name }) => `${kind} "${name}" is gone`),
    ...without(now, before).map(({ name }) => `${kind} "${name}" is new`),
  ]
}
