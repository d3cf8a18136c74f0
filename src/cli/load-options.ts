/** From the global flags and the environment to what the model is asked to load. */
import type { FileReader } from '../model/reader.ts'
import type { LoadOptions, SkippablePhase } from '../model/settings.ts'
import { fileReader } from './file-reader.ts'
import type { GlobalFlags } from './global-flags.ts'

export interface Selection {
  /** Services named on the command line; empty is all. */
  readonly services?: readonly string[]
  /** Services named on the command line, where the others stay in sight. */
  readonly enabled?: readonly string[]
  readonly skip?: ReadonlySet<SkippablePhase>
}

export function loadOptions(
  globals: GlobalFlags,
  { services = [], enabled, skip }: Selection,
  reader: FileReader = fileReader,
): LoadOptions {
  return {
    files: globals.file,
    workingDir: process.cwd(),
    projectDirectory: globals['project-directory'],
    projectName: globals['project-name'],
    profiles: globals.profile,
    envFiles: globals['env-file'],
    environment: process.env,
    services,
    enabled,
    allResources: globals['all-resources'],
    skip,
    reader,
  }
}
