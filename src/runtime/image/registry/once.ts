/** What several ask for at the same time is done once; what failed is done again for the next one. */
export function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = make()
  known.set(key, made)
  made.catch(() => {
    if (known.get(key) === made) known.delete(key)
  })
  return made
}
