/** Something happened: rings are not counted, and one that came while nobody listened is not lost. */

export interface Bell {
  readonly ring: () => void
  /** Resolves at the next ring, at once when it rang since the last time. */
  readonly heard: () => Promise<void>
}

export function makeBell(): Bell {
  let rang = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rang = true
      wake?.()
    },
    heard: async () => {
      if (!rang) await new Promise<void>((resolve) => (wake = resolve))
      rang = false
      wake = undefined
    },
  }
}
