/**
 * `include`: other projects' files, each loaded with its own directory and its own variables, then copied into this one.
 * https://github.com/compose-spec/compose-spec/blob/main/14-include.md
 */
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { type Environment, readEnvFiles, underlay } from './environment.ts'
import { apart, type FindingNote, type Findings, fail, noteRequest, warn } from './findings.ts'
import { sprint } from './go-format.ts'
import { LONGEST_CHAIN, LONGEST_PATH } from './limits.ts'
import { mergeAt } from './merge.ts'
import { suggest } from './nearest.ts'
import { displayName } from './open.ts'
import type { FileReader } from './reader.ts'
import { applyResets, type Resets, rememberReplaced, resetsBelow } from './reset.ts'
import { cameIn } from './tree/history.ts'
import {
  child,
  type Entry,
  inherit,
  isNull,
  type MapNode,
  map,
  type Node,
  type Origin,
  type Passage,
  withChild,
  withoutChild,
} from './tree/node.ts'

export interface IncludeContext extends Environment {
  readonly reader: FileReader
  readonly findings: Findings
  /** Messages name files relative to it. */
  readonly cwd: string
  /** Absolute: what relative paths of the including file mean. */
  readonly directory: string
  /** The files being loaded, outermost first. */
  readonly chain: readonly string[]
  readonly resets: Resets
  /** Load another project's files into one model. */
  readonly load: (project: IncludedProject, findings: Findings) => MapNode
}

export interface IncludedProject extends Environment {
  readonly files: readonly string[]
  readonly directory: string
  /** The directory as seen from the including project: the prefix of its relative paths. */
  readonly base: string
  readonly at: Origin | undefined
}

export function applyIncludes(root: MapNode, context: IncludeContext): MapNode {
  const includes = child(root, 'include')
  if (!includes) return root
  if (includes.kind !== 'list' && !isNull(includes)) {
    fail({
      code: 'wrong-type',
      message: '"include" must be a list',
      hint: 'write a dash before each file',
      at: includes.at,
    })
  }
  const items = includes.kind === 'list' ? includes.items : []
  const own = withoutChild(root, 'include')
  const sections: Sections = new Map()
  for (const item of items) {
    const imported = apart(context.findings, (findings) => readInclude(item, { ...context, findings }))
    if (imported) importProject(imported, { own, sections, context })
  }
  return withSections(own, sections)
}

interface Imported {
  readonly model: MapNode
  readonly at: Origin | undefined
}

/** Undefined (with a warning) for an include that names no file. */
function readInclude(item: Node, context: IncludeContext): Imported | undefined {
  const project = describeInclude(item, context)
  return project && { model: context.load(project, context.findings), at: project.at }
}

const KEYS = ['path', 'env_file', 'project_directory']

/** Docker Compose takes any key here, and does nothing with it. */
function warnOfUnknownKeys(item: Node, findings: Findings): void {
  if (item.kind !== 'map') return
  for (const [key, entry] of item.entries) {
    if (KEYS.includes(key) || key.startsWith('x-')) continue
    const message = `unknown key ${JSON.stringify(key)} in this include has no effect`
    const at = entry.key ?? entry.value.at
    warn(findings, { code: 'unknown-key', message, hint: suggest(key, KEYS, ''), at })
  }
}

function describeInclude(item: Node, context: IncludeContext): IncludedProject | undefined {
  warnOfUnknownKeys(item, context.findings)
  const { reader, findings, variables, directory, cwd } = context
  const paths = item.kind === 'map' ? wordsOf(child(item, 'path')) : wordsOf(item, 'one')
  const files = paths.map((path) => resolve(directory, path.text))
  const [main] = files
  if (main === undefined) {
    const message = 'this include names no file'
    warn(findings, { code: 'empty-include', message, hint: 'write the path of a Compose file', at: item.at })
    return undefined
  }
  for (const [index, path] of paths.entries()) {
    refuseChain(files[index] ?? main, path.at, context)
    const note = (): FindingNote => ({ message: 'this file is included here', at: path.at })
    noteRequest(findings, displayName(files[index] ?? main, cwd), note)
  }
  const [written = ''] = words(child(item, 'project_directory'), 'one')
  const own = written === '' ? dirname(main) : resolve(directory, written)
  refuseLongPath(own, item.at)
  const envFiles = includedEnvFiles(child(item, 'env_file'), { own, directory, reader })
  const at = (child(item, 'env_file') ?? item).at
  const extra = readEnvFiles(variables, { files: envFiles, cwd, reader, findings, at })
  // A project directory that does not exist counts as its parent where paths are concerned, as it does for Docker Compose.
  const place = reader.kind(own) === 'directory' ? own : dirname(own)
  const base = isAbsolute(written) ? own : relative(directory, place)
  return { files, directory: own, base, ...underlay(context, extra), at: paths[0]?.at ?? item.at }
}

interface Word {
  readonly text: string
  readonly at: Origin | undefined
}

/** A text, or several where that is allowed; null is none. */
function wordsOf(node: Node | undefined, count: 'one' | 'several' = 'several'): readonly Word[] {
  if (!node || isNull(node)) return []
  const items = node.kind === 'list' && count === 'several' ? node.items : [node]
  return items.map((item) => {
    if (item.kind === 'scalar' && (typeof item.value === 'string' || Number.isInteger(item.value)))
      return { text: sprint(item), at: item.at }
    return fail({ code: 'wrong-type', message: 'a path must be text', hint: 'write it in quotes', at: item.at })
  })
}

const words = (node: Node | undefined, count?: 'one' | 'several'): readonly string[] =>
  wordsOf(node, count).map(({ text }) => text)

function includedEnvFiles(
  node: Node | undefined,
  { own, directory, reader }: { own: string; directory: string; reader: FileReader },
): readonly string[] {
  const listed = words(node)
  if (listed.length > 0) return listed.filter((file) => file !== '/dev/null').map((file) => resolve(directory, file))
  const file = join(own, '.env')
  return reader.kind(file) === 'file' ? [file] : []
}

/** It would stand before every path of the included project. */
function refuseLongPath(directory: string, at: Origin | undefined): void {
  if (directory.length <= LONGEST_PATH) return
  fail({
    code: 'unreadable-file',
    message: `"${directory}" can't be read (the path is too long)`,
    hint: 'write a shorter path',
    at,
  })
}

/** A file that is being loaded can't be included again, nor one more of a chain that seems to have no end. */
function refuseChain(file: string, at: Origin | undefined, { chain, reader, cwd }: IncludeContext): void {
  const real = reader.realpath(file)
  if (chain.some((earlier) => earlier === file || reader.realpath(earlier) === real)) {
    fail({
      code: 'include-cycle',
      message: `files include each other in a circle: ${[...chain, file].map((path) => displayName(path, cwd)).join(' -> ')}`,
      hint: 'take one "include" out of it',
      at,
    })
  }
  if (chain.length <= LONGEST_CHAIN) return
  fail({
    code: 'chain-too-long',
    message: `more than ${LONGEST_CHAIN} files include each other one after the other`,
    hint: 'include them from one file',
    at,
  })
}

const SECTIONS = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models']

/** What is imported, by section, with what was there before: maps that are filled, so that a thousand includes copy nothing twice. */
type Sections = Map<string, Map<string, Entry>>

/** Copy what the included project defines; what this file says of a thing of the same name is laid over it. */
function importProject(
  { model, at }: Imported,
  { own, sections, context }: { own: MapNode; sections: Sections; context: IncludeContext },
): void {
  for (const section of SECTIONS) {
    const [from, to] = [child(model, section), child(own, section)]
    if (from?.kind !== 'map') continue
    const entries = sections.get(section) ?? new Map(to?.kind === 'map' ? to.entries : [])
    sections.set(section, entries)
    for (const [name, entry] of from.entries)
      entries.set(name, importEntry(entry, entries.get(name), { path: [section, name], at, context }))
  }
}

function withSections(own: MapNode, sections: Sections): MapNode {
  let result = own
  for (const [section, entries] of sections) {
    const to = child(own, section)
    const filled = map(entries, to?.at)
    result = withChild(result, section, to?.kind === 'map' ? inherit(filled, to) : filled)
  }
  return result
}

interface Importing {
  readonly path: readonly string[]
  readonly at: Origin | undefined
  readonly context: IncludeContext
}

function importEntry(entry: Entry, local: Entry | undefined, { path, at, context }: Importing): Entry {
  const passage: Passage = { kind: 'include', at, from: entry.value }
  if (!local) return { key: entry.key, value: cameIn(entry.value, [passage]) }
  const value = layLocal(entry.value, local.value, { path, context })
  return { key: local.key, value: cameIn(value, [...(local.value.via ?? []), passage]) }
}

function layLocal(
  base: Node,
  local: Node,
  { path, context }: { path: readonly string[]; context: IncludeContext },
): Node {
  const resets = resetsBelow(path, context.resets)
  const cleared = base.kind === 'map' ? applyResets(base, resets) : base
  const laid = mergeAt(cleared, local, path, context.findings)
  return base.kind === 'map' && laid.kind === 'map' ? rememberReplaced(laid, base, resets) : laid
}
