/** The environment of a container's first program. Pure. */

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface EnvironmentSources {
  readonly image: readonly string[]
  readonly spec: readonly string[]
  readonly hostname: string
  readonly tty: boolean
}

/** Later ones win and keep the place of the first. A name without `=` takes the variable away. */
export function environmentOf(sources: EnvironmentSources): string[] {
  const ours = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${sources.hostname}`, ...(sources.tty ? ['TERM=xterm'] : [])]
  return overlay(ours, sources.image, sources.spec)
}

export function overlay(...lists: readonly (readonly string[])[]): string[] {
  const variables = new Map<string, string>()
  for (const entry of lists.flat()) {
    const [name] = entry.split('=', 1)
    if (name === undefined || name === '') continue
    if (entry.includes('=')) variables.set(name, entry)
    else variables.delete(name)
  }
  return [...variables.values()]
}
