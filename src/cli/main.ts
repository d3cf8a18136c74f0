/** Where the program begins. The most frequent command, where it has nothing to do, does not load what it would do it with. */

/** `root` is the folder of the installed package. */
export async function main(words: readonly string[], root: string): Promise<void> {
  // Node would open a debugger, to whoever is on this machine.
  process.on('SIGUSR1', () => {})
  if (words.includes('up')) {
    const { repeatSettled } = await import('./settled/repeat.ts')
    if (await repeatSettled({ words, cwd: process.cwd(), environment: process.env })) return
  }
  const { dispatch } = await import('./dispatch.ts')
  await dispatch(words, root)
}
