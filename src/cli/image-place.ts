/** Where an image is: `docker://REFERENCE` in a daemon's store, `native://REFERENCE` in our own. */
import { Refusal } from './failure.ts'

export interface ImagePlace {
  readonly store: 'docker' | 'native'
  readonly reference: string
}

const HINT = 'it looks like "docker://busybox:1" or "native://busybox:1"'

export function parseImagePlace(text: string): ImagePlace {
  const [, store, reference] = /^(docker|native):\/\/(.*)$/s.exec(text) ?? []
  if (store !== 'docker' && store !== 'native') throw new Refusal(`"${text}" does not say which store is meant`, HINT)
  return { store, reference: reference ?? '' }
}

/** From one store into the other; a target without a name keeps the source's. */
export function parseCopy([source, target]: readonly [string, string]): {
  readonly from: ImagePlace
  readonly to: ImagePlace
} {
  const [from, to] = [parseImagePlace(source), parseImagePlace(target)]
  if (from.reference === '') throw new Refusal(`"${source}" names no image`, HINT)
  if (from.store === to.store) {
    throw new Refusal(
      `"${source}" and "${target}" are in the same store`,
      from.store === 'native' ? 'use "tscompose image tag"' : 'use "docker tag"',
    )
  }
  return { from, to: to.reference === '' ? { ...to, reference: from.reference } : to }
}
