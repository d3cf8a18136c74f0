/** What is wrong with the user's input, as values. A leaf: every room may import it, it imports nothing. */

/** A place in a file the user wrote. `line` and `column` count from 1; `length` is in characters. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length?: number
  /** The whole source line, without its line end, for the caret. */
  readonly sourceLine?: string
}

/** Another place that the problem has to do with. */
export interface Note {
  /** Like a message: what there is at that place. */
  readonly message: string
  readonly at?: Location
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: DiagnosticCode
  /** One sentence, lower case, no full stop: what is wrong, with its subject in quotes. */
  readonly message: string
  /** What the user can type or change to put it right. */
  readonly hint: string
  readonly at?: Location
  readonly notes?: readonly Note[]
}

/** Docker Compose's exit codes. */
export const EXIT = { done: 0, failed: 1, changes: 2, interrupted: 130 } as const

/** The user's mistake: every diagnostic of the failing phase at once. */
export class ComposeError extends Error {
  override readonly name = 'ComposeError'
  readonly diagnostics: readonly Diagnostic[]
  readonly exitCode: number

  constructor(diagnostics: readonly Diagnostic[], exitCode: number = EXIT.failed, cause?: unknown) {
    super(diagnostics.map((one) => one.message).join('\n'), { cause })
    this.diagnostics = diagnostics
    this.exitCode = exitCode
  }
}

/** Stable, kebab-case and searchable; docs/errors.md tells each with an example. */
export type DiagnosticCode =
  // Files and their text.
  | 'file-missing'
  | 'not-a-file'
  | 'unreadable-file'
  | 'file-too-big'
  | 'invalid-utf8'
  | 'empty-file'
  | 'no-compose-file'
  | 'several-compose-files'
  // YAML.
  | 'yaml-syntax'
  | 'yaml-alias'
  | 'yaml-merge'
  | 'yaml-tag'
  | 'yaml-too-big'
  | 'yaml-too-deep'
  | 'yaml-1.1-boolean'
  | 'duplicate-key'
  | 'non-string-key'
  // Variables, and the files they come from.
  | 'unset-variable'
  | 'required-variable'
  | 'invalid-interpolation'
  | 'env-file-missing'
  | 'env-file-syntax'
  | 'label-file-missing'
  | 'bad-environment'
  | 'trailing-space'
  // The project as a whole.
  | 'empty-project-name'
  | 'invalid-project-name'
  | 'name-from-symlink'
  | 'obsolete-version'
  | 'project-too-big'
  | 'more-problems'
  // `include`, `extends` and merging.
  | 'include-cycle'
  | 'chain-too-long'
  | 'bad-extends'
  | 'extends-undefined'
  | 'extends-cycle'
  | 'merge-mismatch'
  // What the Compose Specification allows.
  | 'unknown-key'
  | 'missing-key'
  | 'wrong-type'
  | 'bad-value'
  | 'bad-name'
  | 'repeated-entry'
  // Short forms and single values.
  | 'bad-address'
  | 'bad-command'
  | 'bad-device'
  | 'bad-entry'
  | 'bad-healthcheck'
  | 'bad-host'
  | 'bad-pair'
  | 'bad-port'
  | 'bad-ssh-key'
  | 'bad-volume'
  | 'device-conflict'
  | 'several-contents'
  | 'no-content'
  | 'external-conflict'
  | 'external-name-conflict'
  | 'deprecated-external-name'
  // What services say of each other, and twice.
  | 'no-such-service'
  | 'no-such-value'
  | 'no-source'
  | 'not-in-json'
  | 'extension-as-network'
  | 'ignored-size'
  | 'nameless-variable'
  | 'empty-include'
  | 'no-image'
  | 'build-conflict'
  | 'build-platform'
  | 'context-undefined'
  | 'context-not-built'
  | 'depends-on-undefined'
  | 'depends-on-disabled'
  | 'dependency-cycle'
  | 'network-undefined'
  | 'network-mode-undefined'
  | 'network-conflict'
  | 'volume-undefined'
  | 'config-undefined'
  | 'secret-undefined'
  | 'build-secret-undefined'
  | 'model-undefined'
  | 'twin-conflict'
  | 'container-name-taken'
  | 'container-name-scaled'
  | 'watch-target'
  | 'target-taken'
  // The command line.
  | 'usage'
  | 'not-possible'
  | 'internal'
  | 'services-without-effect'
  | 'no-log'
  | 'hook-image-not-locked'
  // Planning.
  | 'attribute-without-effect'
  | 'ports-discarded'
  | 'unsupported'
  | 'build-unsupported'
  | 'image-missing'
  | 'content-missing'
  | 'external-missing'
  | 'foreign-resource'
  | 'volume-changed'
  | 'network-held'
  | 'host-missing'
  | 'no-container'
  | 'scale-of-named-container'
  | 'container-paused'
  | 'orphan-containers'
  | 'project-busy'
  | 'dependency-failed'
  | 'hook-failed'
  // What a driver refuses.
  | 'image-not-found'
  | 'image-in-use'
  | 'image-unreachable'
  | 'bad-reference'
  | 'container-not-found'
  | 'container-not-running'
  | 'name-in-use'
  | 'network-not-found'
  | 'network-in-use'
  | 'volume-not-found'
  | 'volume-in-use'
  | 'port-taken'
  | 'port-forbidden'
  | 'address-taken'
  | 'pools-exhausted'
  | 'mount-source-missing'
  | 'executable-not-found'
  | 'executable-denied'
  | 'user-unknown'
  | 'engine-unreachable'
  | 'engine-unfit'
  | 'kernel-lacks'
  | 'native-missing'
  | 'permission-denied'
  | 'monitor-lost'
  | 'state-broken'
  | 'cancelled'
  | 'refused'
