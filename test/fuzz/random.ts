/** Numbers that look random and come again with the same seed, so that what a run found can be had once more. */

/** Returns whole numbers from 0 up to (and without) `below`. The generator is xorshift32 (Marsaglia, 2003). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}

export type Random = ReturnType<typeof randomFrom>

export function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[random(from.length)]
  if (one === undefined) throw new Error('there is nothing to pick from')
  return one
}
