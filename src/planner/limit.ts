/** A gate that lets so many through at a time, in order of arrival. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>

export function limitTo(places: number): Limit {
  const waiting: (() => void)[] = []
  let free = places
  const enter = (): Promise<void> | undefined => {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve))
    free -= 1
    return undefined
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return async (task) => {
    await enter()
    try {
      return await task()
    } finally {
      leave()
    }
  }
}
