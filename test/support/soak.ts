/** `make soak` tries everything; `make test` tries some of it, and something else each day. */
export const isSoak = process.env.TSCOMPOSE_SOAK === '1'

/** TSCOMPOSE_SEED repeats a run of another day. */
export const soakSeed = Number(process.env.TSCOMPOSE_SEED ?? Math.floor(Date.now() / 86_400_000))

/** Some of them, others for another seed, and the same for the same. */
export function chooseSome<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  const kept: T[] = []
  let state = seed >>> 0
  const left = [...all]
  while (kept.length < count && left.length > 0) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    kept.push(...left.splice(Math.floor((state / 2 ** 32) * left.length), 1))
  }
  return kept
}
