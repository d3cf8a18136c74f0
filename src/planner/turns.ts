/** Steps that keep the processor busy one after the other leave no time to whoever draws, or listens to signals: they get a turn in between. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>

/** Much less than the time between two pictures of the progress, and about as long as a container takes to start on another processor. */
const LONGEST_MS = 5

/** Runs at once, as long as the last pause is not long ago; otherwise, one after the other, after a pause. */
export function openTurns(now: () => number): Turns {
  let since = now()
  let queue: Promise<void> | undefined
  const pause = async (before: Promise<void> | undefined): Promise<void> => {
    await before
    await new Promise((resolve) => setImmediate(resolve))
    since = now()
  }
  return async (run) => {
    if (queue === undefined && now() - since < LONGEST_MS) return await run()
    const mine = pause(queue)
    queue = mine
    await mine
    if (queue === mine) queue = undefined
    return await run()
  }
}
