/** `make soak` tries everything; `make test` tries some of it, and something else each day. */
export const isSoak = process.env.TSCOMPOSE_SOAK === '1'

/** TSCOMPOSE_SEED repeats a run of another day. */
export const soakSeed = Number(process.env.TSCOMPOSE_SEED ?? Math.floor(Date.now() / 86_400_000))
