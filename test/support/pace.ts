/** How long things may take on this machine. */

/** How many times slower it is than a machine of its kind: an emulated one says 10. */
export const slowness = Number(process.env.TSCOMPOSE_SLOWNESS || 1)

/** That many milliseconds of an ordinary machine's. */
export const atThisPace = (ms: number): number => ms * slowness
