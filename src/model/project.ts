/**
 * The Compose project as data: frozen, canonical, free of defaults the user can't see. Keys are the Compose Specification's own
 * (snake_case), values are in the canonical form that `docker compose config` prints (bytes as decimal strings, durations as
 * Go writes them, long syntaxes); src/model/units.ts turns those into numbers.
 */
import type { Location } from '../diagnostic.ts'

/** Keys into a Compose document, never joined. */
export type Path = readonly (string | number)[]

export interface Project {
  readonly name: string
  /** Absolute. */
  readonly workingDir: string
  /** Absolute, in order of merging. */
  readonly configFiles: readonly string[]
  /** Absolute; only those named by `--env-file` or COMPOSE_ENV_FILES. */
  readonly environmentFiles: readonly string[]
  /** The variables interpolation saw: process environment over env files. */
  readonly environment: Readonly<Record<string, string>>
  readonly profiles: readonly string[]
  readonly services: Readonly<Record<string, Service>>
  /** Services whose profiles are not active: known by name, not run. */
  readonly disabledServices: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, Network>>
  readonly volumes: Readonly<Record<string, Volume>>
  readonly configs: Readonly<Record<string, FileObject>>
  readonly secrets: Readonly<Record<string, FileObject>>
  /** Where the value at a path was written; undefined for defaults. */
  readonly locate: (path: Path) => Location | undefined
}
