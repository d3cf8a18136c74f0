/** What this command knows of a daemon's objects, so that it is not asked for the same once for each of forty containers. */
export interface Seen {
  /** Names of networks that were there. One that somebody takes away meanwhile the daemon misses when the container starts. */
  readonly networks: Set<string>
  /** Ids of containers that were made without published ports. */
  readonly portless: Set<string>
}

export function nothingSeen(): Seen {
  return { networks: new Set(), portless: new Set() }
}
