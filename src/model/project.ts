/**
 * The Compose project as data: frozen, canonical, free of defaults the user can't see. Keys are the Compose Specification's own
 * (snake_case), values are in the canonical form that `docker compose config --format json` prints (bytes as decimal strings,
 * durations as Go writes them, long syntaxes); src/model/units.ts turns those into numbers. A zero value that Docker Compose
 * does not print (`false`, 0, '', an empty list) is absent here too. The elements' own types are generated: compose-types.ts.
 */
import type { Location } from '../diagnostic.ts'
import type { FileObject, Model, Network, Service, Volume } from './compose-types.ts'

export type * from './compose-types.ts'
export type { Bytes, Duration, Extensible, FileMode } from './value-forms.ts'

/** Keys into a Compose document, never joined. */
export type Path = readonly (string | number)[]

/**
 * A whole project, as its files, the environment and the options made it.
 * @see https://github.com/compose-spec/compose-spec/blob/main/03-compose-file.md
 */
export interface Project {
  /**
   * Lower case letters, digits, `-` and `_`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md#name-top-level-element
   */
  readonly name: string
  /** The directory that relative paths are seen from; absolute. */
  readonly workingDir: string
  /** Absolute, in order of merging. `-` is standard input. */
  readonly configFiles: readonly string[]
  /** Absolute; only those named by `--env-file` or COMPOSE_ENV_FILES. */
  readonly environmentFiles: readonly string[]
  /**
   * The variables interpolation saw: process environment over env files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
   */
  readonly environment: Readonly<Record<string, string>>
  /**
   * The active ones; `*` is all.
   * @see https://github.com/compose-spec/compose-spec/blob/main/15-profiles.md
   */
  readonly profiles: readonly string[]
  /**
   * The services that are run, keyed by name.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md
   */
  readonly services: Readonly<Record<string, Service>>
  /** Services whose profiles are not active or that were not selected: known by name, not run. */
  readonly disabledServices: Readonly<Record<string, Service>>
  /**
   * The networks that services use, keyed as in the files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md
   */
  readonly networks: Readonly<Record<string, Network>>
  /**
   * The volumes that services use, keyed as in the files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md
   */
  readonly volumes: Readonly<Record<string, Volume>>
  /**
   * The configs that services use, keyed as in the files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md
   */
  readonly configs: Readonly<Record<string, FileObject>>
  /**
   * The secrets that services use, keyed as in the files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md
   */
  readonly secrets: Readonly<Record<string, FileObject>>
  /**
   * The language models that services use, keyed as in the files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/models.md
   */
  readonly models: Readonly<Record<string, Model>>
  /**
   * Top-level `x-…` keys. Whole numbers too large for a number are bigints.
   * @see https://github.com/compose-spec/compose-spec/blob/main/11-extension.md
   */
  readonly extensions: Readonly<Record<string, unknown>>
  /** Where the value at a path was written; undefined for defaults. */
  readonly locate: (path: Path) => Location | undefined
}
