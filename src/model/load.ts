/**
 * Loading: the files of a project to its frozen data, or every mistake of the failing phase at once. Files come in through the reader
 * that the caller gives.
 */
import type { Diagnostic } from '../diagnostic.ts'
import { type Assembly, assemble, readDocuments } from './assemble.ts'
import { bindProject } from './bind.ts'
import { checkConsistency, checkContainerNames } from './consistency.ts'
import { type Filled, readServiceFiles } from './env-file.ts'
import { underlay } from './environment.ts'
import { checkExtent } from './extent.ts'
import type { FileValues } from './file-values.ts'
import { apart, completely, type Findings, fail, noFindings, settle as settleFindings, warningsOf } from './findings.ts'
import { projectName } from './name.ts'
import { normalise } from './normalise.ts'
import { openSource } from './open.ts'
import type { Project } from './project.ts'
import { placeOfVariable } from './provenance.ts'
import { remembering } from './reader.ts'
import { withReplicas } from './scale.ts'
import { enableNamed, mapServices, selectServices, withoutUnused, withProfiles } from './select.ts'
import { type LoadOptions, type Settings, settle } from './settings.ts'
import type { MapNode, Node, Origin } from './tree/node.ts'
import type { Sources } from './tree/used-variable.ts'

export interface LoadedProject {
  readonly project: Project
  /** The nodes that it was made of, with their history. */
  readonly root: MapNode
  /** Where its variables come from. */
  readonly sources: Sources
  /** What the files say that its services name. */
  readonly fileValues: FileValues
  readonly warnings: readonly Diagnostic[]
}

/** The project the options name. Throws ComposeError. */
export function loadProject(given: LoadOptions): LoadedProject {
  const findings = noFindings()
  const options = { ...given, reader: remembering(given.reader) }
  return completely(findings, () => {
    const { root, name, settings } = loadRoot(options, findings)
    const bound = bindProject(root, name, { settings, findings })
    settleFindings(findings)
    const { project, fileValues } = finish(withProfiles(bound, settings.profiles), { root, options, findings })
    const { sources } = settings
    return { project: Object.freeze(project), root, sources, fileValues, warnings: warningsOf(findings) }
  })
}

export interface LoadedModel {
  readonly root: MapNode
  readonly warnings: readonly Diagnostic[]
}

/** The model before it becomes a project, for `config --no-interpolate`: merged and canonical, nothing decoded. */
export function loadModel(given: LoadOptions): LoadedModel {
  const findings = noFindings()
  const options = { ...given, reader: remembering(given.reader) }
  const { root } = completely(findings, () => loadRoot(options, findings))
  return { root, warnings: warningsOf(findings) }
}

interface Loaded {
  readonly root: MapNode
  readonly name: string
  readonly settings: Settings
}

function loadRoot(options: LoadOptions, findings: Findings): Loaded {
  const found = settle(options, findings)
  const assembly = assemblyOf(options, found, findings)
  const isListed = options.files.length === 0
  const at = isListed ? placeOfVariable('COMPOSE_FILE', found.sources) : undefined
  const documents = readAll(found.files, assembly, at)
  const { name, source } = projectName(
    {
      explicit: options.projectName,
      variables: found.variables,
      sources: found.sources,
      documents,
      directory: found.directory,
      reader: options.reader,
      skip: assembly.skip,
    },
    findings,
  )
  const own = {
    variables: new Map([['COMPOSE_PROJECT_NAME', name]]),
    sources: new Map([['COMPOSE_PROJECT_NAME', source]]),
  }
  const settings = { ...found, ...underlay(own, found) }
  // Without interpolation no variable is looked at, be it one that is only passed on.
  const environment = assembly.skip.has('interpolation') ? own : settings
  const model = assemble(found.files, { ...assembly, ...environment })
  if (model.entries.size === 0)
    fail({
      code: 'empty-file',
      message: 'empty compose file',
      hint: 'a project needs at least "services:"',
      at: documents[0]?.at ?? startOf(found.files[0] ?? '-', assembly),
    })
  const root = assembly.skip.has('normalisation') ? model : normalise(model, name, { ...environment, findings })
  checkExtent(root)
  return { root, name, settings }
}

/** A file without a document has no node to tell where it stands; standard input can't be read twice. */
function startOf(path: string, { reader, cwd }: Assembly): Origin | undefined {
  const source = path === '-' ? undefined : openSource(path, { reader, cwd })
  return source && { source, start: 0, end: 1 }
}

/** What all files say. The mistakes in each are found, whatever the others are like. `at` is where they are named. */
function readAll(files: readonly string[], assembly: Assembly, at: Origin | undefined): readonly Node[] {
  const read = files.flatMap(
    (file) => apart(assembly.findings, (inner) => readDocuments(file, { ...assembly, findings: inner }, at)) ?? [],
  )
  settleFindings(assembly.findings)
  return read.map(({ root }) => root)
}

function assemblyOf(options: LoadOptions, settings: Settings, findings: Findings): Assembly {
  const { variables, sources, cwd, directory } = settings
  return {
    reader: options.reader,
    findings,
    variables,
    sources,
    cwd,
    directory,
    base: directory,
    home: variables.get('HOME'),
    skip: options.skip ?? new Set(),
    chain: [],
    parsed: new Map(),
  }
}

interface Finishing {
  readonly root: MapNode
  readonly options: LoadOptions
  readonly findings: Findings
}

function finish(project: Project, { root, options, findings }: Finishing): Filled {
  const { reader, workingDir: cwd, services: names = [], skip = new Set() } = options
  const check = (whole: Project, selected: Project): void => {
    if (skip.has('consistency')) return
    checkConsistency(whole, { selected, root }, findings)
    settleFindings(findings)
  }
  check(project, project)
  const agreed = skip.has('consistency')
    ? project
    : { ...project, services: mapServices(project.services, withReplicas) }
  const enabled = enableNamed(agreed, [...names, ...(options.enabled ?? [])])
  const selected = selectServices(enabled, names)
  // What was named may have woken others of its profile, whose mistakes do not matter as long as they are not wanted.
  if (enabled !== agreed && names.length > 0) check(enabled, selected)
  const used = options.allResources ? selected : withoutUnused(selected)
  const complete = readServiceFiles(used, { reader, cwd, findings, environment: !skip.has('env-resolution') })
  if (!skip.has('consistency') && !skip.has('container-names')) checkContainerNames(complete.project, findings)
  settleFindings(findings)
  return complete
}
