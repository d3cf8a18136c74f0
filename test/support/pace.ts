/** How long things may take on this machine. */

/** How many times slower it is than a machine of its kind: an emulated one says 10. */
export const slowness = Number(process.env.TSCOMPOSE_SLOWNESS || 1)

/** As many of them as fit into the same time, and three all the same. */
export const asManyAtThisPace = (count: number): number => Math.max(Math.min(count, 3), Math.round(count / slowness))

/** That many milliseconds of an ordinary machine's. */
export const atThisPace = (ms: number): number => ms * slowness
