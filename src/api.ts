/**
 * What `import … from 'tscompose'` gives: Compose files as a project, for programs of others. Importing does nothing, nothing here
 * writes, and nothing here runs a container.
 */
import { resolve } from 'node:path'
import { fileReader } from './cli/file-reader.ts'
import type { Diagnostic } from './diagnostic.ts'
import { loadProject as load } from './model/load.ts'
import type { Project } from './model/project.ts'
import type { FileReader } from './model/reader.ts'
import { renderDiagnostics as render } from './view/diagnostics.ts'
import { colourPaint, plainPaint } from './view/paint.ts'

export { ComposeError, type Diagnostic, type DiagnosticCode, type Location, type Note } from './diagnostic.ts'
export type { ComposeFile } from './model/compose-file.ts'
export type * from './model/project.ts'
export type { FileReader } from './model/reader.ts'
export { parseBytes, parseDuration } from './model/units.ts'

/** What the flags and variables of `docker compose` say; all of it may be left out. */
export interface LoadProjectOptions {
  /** Compose files, as `--file` names them; `-` is standard input. Default: COMPOSE_FILE, or the usual names. */
  readonly files?: readonly string[] | undefined
  /** Where relative paths among these options start, and where files are looked for. Default: `process.cwd()`. */
  readonly workingDir?: string | undefined
  /** What relative paths in the files start from. Default: the directory of the first file. */
  readonly projectDirectory?: string | undefined
  /** Default: COMPOSE_PROJECT_NAME, `name:` in the files, or the name of the directory. */
  readonly projectName?: string | undefined
  /** Profiles that are active. Default: COMPOSE_PROFILES. */
  readonly profiles?: readonly string[] | undefined
  /** Files of variables. Default: COMPOSE_ENV_FILES, or `.env`. */
  readonly envFiles?: readonly string[] | undefined
  /** Variables, which win over those of `envFiles`. Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Keep only these services and what they depend on; with wildcards. Default: all. */
  readonly services?: readonly string[] | undefined
  /** Keep networks, volumes, configs, secrets and models that no service uses. Default: false. */
  readonly allResources?: boolean | undefined
  /** What files are read through. Default: the file system. */
  readonly reader?: FileReader | undefined
}

export interface LoadedProject {
  /** Frozen, all the way down. */
  readonly project: Project
  /** What was read all the same. */
  readonly warnings: readonly Diagnostic[]
}

/**
 * The project that Compose files describe, as `docker compose config` shows it: merged, interpolated, checked, in canonical form.
 * Throws ComposeError with every mistake of the phase that failed.
 */
export function loadProject(options: LoadProjectOptions = {}): LoadedProject {
  const { files = [], profiles = [], envFiles = [], workingDir = '.', environment = process.env } = options
  const { reader = fileReader } = options
  const loaded = load({ ...options, files, profiles, envFiles, environment, reader, workingDir: resolve(workingDir) })
  return Object.freeze({ project: loaded.project, warnings: Object.freeze(loaded.warnings) })
}

/** Diagnostics as the command line shows them: place, message, code, the line with a caret, and what to do. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  { color = false }: { readonly color?: boolean | undefined } = {},
): string {
  return render(diagnostics, color ? colourPaint : plainPaint)
}
