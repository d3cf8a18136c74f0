/** How eager `up` is to recreate a service's containers. */
import type { RecreateStrategy, UpOptions } from './options.ts'

/** Services named on the command line follow its wish; those that only came along follow the one for dependencies. */
export function strategyFor(serviceName: string, options: UpOptions): RecreateStrategy {
  const named = options.services ?? []
  const isMeant = named.length === 0 || named.includes(serviceName)
  return (isMeant ? options.recreate : options.recreateDependencies) ?? 'diverged'
}
