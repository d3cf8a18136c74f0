/** Decides for one service which of its containers stay, which are exchanged, which are made and which go. Makes no steps. */

import { type ContainerUpdate, LABEL, type ObservedContainer } from '../driver/driver.ts'
import { INTERRUPTED, NOT_FOUND } from './because.ts'
import { byNumber, numberOf } from './observed-containers.ts'
import type { Because } from './plan.ts'

export type Decision =
  /** Stays as it is; takes its proper name where an interrupted exchange left it with another. */
  | {
      readonly kind: 'keep'
      readonly container: ObservedContainer
      readonly containerName: string
      /** What is changed in it where it stands. */
      readonly change?: InPlaceChange
    }
  | {
      readonly kind: 'recreate'
      readonly container: ObservedContainer
      readonly containerName: string
      readonly because: Because
    }
  | { readonly kind: 'create'; readonly number: number; readonly containerName: string; readonly because: Because }
  | { readonly kind: 'remove'; readonly container: ObservedContainer; readonly because: Because }

export type DecisionOf<K extends Decision['kind']> = Decision & { readonly kind: K }

export interface InPlaceChange {
  readonly because: Because
  readonly update: ContainerUpdate
}

export interface Wish {
  readonly scale: number
  /** All containers of the service, one-off runs apart. */
  readonly existing: readonly ObservedContainer[]
  readonly nameOf: (number: number) => string
  readonly why: (container: ObservedContainer) => Because | undefined
  /** Of one that can stay. */
  readonly changeIn: (container: ObservedContainer) => InPlaceChange | undefined
}

export function decide(wish: Wish): readonly Decision[] {
  const { proper, stray } = sortOutNames(wish)
  const judged = proper
    .map((container) => ({ container, because: wish.why(container) }))
    .sort(
      (a, b) => Number(a.because !== undefined) - Number(b.because !== undefined) || byNumber(a.container, b.container),
    )
  const staying = judged.slice(0, wish.scale).sort((a, b) => byNumber(a.container, b.container))
  const leaving = judged.slice(wish.scale).map(({ container }) => ({
    kind: 'remove' as const,
    container,
    because: { reason: `scale ${proper.length} -> ${wish.scale}` },
  }))
  return [...stray, ...leaving, ...staying.map((one) => toStay(one, wish)), ...toCreate(staying, wish)]
}

function toStay(
  one: { readonly container: ObservedContainer; readonly because: Because | undefined },
  wish: Wish,
): Decision {
  const { container, because } = one
  const containerName = finalName(container, wish)
  if (because !== undefined) return { kind: 'recreate', container, containerName, because }
  const isUnfinished = container.labels[LABEL.replace] === containerName
  const change = wish.changeIn(container)
  return {
    kind: 'keep',
    container,
    containerName: isUnfinished ? containerName : container.containerName,
    ...(change && { change }),
  }
}

function toCreate(staying: readonly { readonly container: ObservedContainer }[], wish: Wish): readonly Decision[] {
  const missing = wish.scale - staying.length
  const highest = Math.max(0, ...staying.map((one) => numberOf(one.container)))
  const because = staying.length === 0 ? NOT_FOUND : { reason: `scale ${staying.length} -> ${wish.scale}` }
  return Array.from({ length: missing }, (_, index) => {
    const number = highest + index + 1
    return { kind: 'create', number, containerName: wish.nameOf(number), because }
  })
}

/** Two containers for one name are what an exchange leaves behind when it is interrupted: the one that has the name counts. */
function sortOutNames(wish: Wish): {
  readonly proper: readonly ObservedContainer[]
  readonly stray: readonly Decision[]
} {
  const byName = new Map<string, ObservedContainer[]>()
  for (const container of wish.existing) {
    const name = finalName(container, wish)
    byName.set(name, [...(byName.get(name) ?? []), container])
  }
  const proper: ObservedContainer[] = []
  const stray: Decision[] = []
  for (const [name, rivals] of byName) {
    const [winner, ...losers] = rivals.sort(
      (a, b) => Number(b.containerName === name) - Number(a.containerName === name) || b.createdAtMs - a.createdAtMs,
    )
    if (winner !== undefined) proper.push(winner)
    stray.push(
      ...losers.map((container) => ({
        kind: 'remove' as const,
        container,
        because: INTERRUPTED,
      })),
    )
  }
  return { proper, stray }
}

function finalName(container: ObservedContainer, wish: Wish): string {
  const number = numberOf(container)
  return number === 0 ? container.containerName : wish.nameOf(number)
}
