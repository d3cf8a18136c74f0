/** What the commands that read Compose files have in common. */
import { BaseCommand } from '../base-command.ts'
import { type LoadedModel, type LoadedProject, loadModel, loadProject } from '../model/load.ts'
import type { Project } from '../model/project.ts'
import type { FileReader } from '../model/reader.ts'
import { isTrue } from './environment.ts'
import { notYet } from './failure.ts'
import { fileReader } from './file-reader.ts'
import type { GlobalFlags } from './global-flags.ts'
import { loadOptions, type Selection } from './load-options.ts'

export abstract class FileCommand extends BaseCommand {
  protected reader: FileReader = fileReader

  /** The project of the files; its warnings are shown. */
  protected readProject(globals: GlobalFlags, selection: Selection = {}): Project {
    return this.readWithHistory(globals, selection).project
  }

  /** The project with the nodes it was made of. */
  protected readWithHistory(globals: GlobalFlags, selection: Selection): Omit<LoadedProject, 'warnings'> {
    refuseUnsupported(globals)
    const { warnings, ...loaded } = loadProject(loadOptions(globals, selection, this.reader))
    this.showDiagnostics(warnings)
    return loaded
  }

  /** The merged files, before they become a project. */
  protected readModel(globals: GlobalFlags, selection: Selection): LoadedModel['root'] {
    refuseUnsupported(globals)
    const { root, warnings } = loadModel(loadOptions(globals, selection, this.reader))
    this.showDiagnostics(warnings)
    return root
  }

  /** The project of the files, or just its name where `-p` gives one and no file was named. Naming a service activates its profiles. */
  protected readSubject(globals: GlobalFlags, enabled: readonly string[] = []): Project | string {
    refuseUnsupported(globals)
    const name = globals['project-name'] ?? process.env.COMPOSE_PROJECT_NAME
    return name && globals.file.length === 0 && !process.env.COMPOSE_FILE
      ? name
      : this.readProject(globals, { enabled, skip: NOT_NEEDED })
  }
}

/** What is only needed to make containers must not stand in the way of stopping or showing them. */
const NOT_NEEDED = new Set(['env-resolution', 'container-names'] as const)

/** Flags that would change what is done, and that this version can't follow yet. */
function refuseUnsupported(globals: GlobalFlags): void {
  if (globals.compatibility || isTrue(process.env.COMPOSE_COMPATIBILITY)) throw notYet('--compatibility')
}
