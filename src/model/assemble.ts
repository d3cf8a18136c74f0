/**
 * Files to one model, in the form the specification calls canonical but still as nodes: each document is read, interpolated, extended
 * and laid over those before it; includes recurse.
 */
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { canonical } from './canonical.ts'
import { checkElements } from './checks.ts'
import { setDefaults } from './defaults.ts'
import type { Environment } from './environment.ts'
import { applyExtends, type ExtendsContext, type ServiceSet } from './extends.ts'
import { growByDocument } from './extent.ts'
import { apart, type Findings, fail, noteRequest, report, settle, warn } from './findings.ts'
import { applyIncludes, type IncludedProject } from './include.ts'
import { interpolate } from './interpolate/interpolate.ts'
import { mergeDocuments } from './merge.ts'
import { resolveFromEnvironment } from './normalise.ts'
import { displayName, openSource } from './open.ts'
import { resolvePaths } from './paths.ts'
import type { FileReader } from './reader.ts'
import { applyResets, rememberReplaced, resetsOf } from './reset.ts'
import { checkKeys, checkSchema } from './schema/check.ts'
import type { SkippablePhase } from './settings.ts'
import { touchedPart, withTouched } from './touched.ts'
import { child, emptyMap, type MapNode, type Node, type Origin, text, withoutChild } from './tree/node.ts'
import { enforceUnique } from './unique.ts'
import type { DocumentTree } from './yaml/build.ts'
import { parseYaml } from './yaml/parse.ts'

export interface Assembly extends Environment {
  readonly reader: FileReader
  readonly findings: Findings
  readonly cwd: string
  /** Absolute: what relative paths mean. */
  readonly directory: string
  /** What relative paths are prefixed with: the directory itself, or its place in the including project. */
  readonly base: string
  readonly home: string | undefined
  readonly skip: ReadonlySet<SkippablePhase>
  /** The files being loaded, outermost first. */
  readonly chain: readonly string[]
  /** Documents by path, so that no file is read twice. */
  readonly parsed: Map<string, readonly DocumentTree[]>
}

/** The documents of a file; a missing file is the user's mistake. */
export function readDocuments(path: string, assembly: Assembly, at?: Origin): readonly DocumentTree[] {
  const known = assembly.parsed.get(path)
  if (known) return known
  const source = openSource(path, { reader: assembly.reader, cwd: assembly.cwd, at: () => at })
  if (!source) {
    const message = `no such file: "${displayName(path, assembly.cwd)}"`
    return fail({ code: 'file-missing', message, hint: 'check the path', at })
  }
  const documents = parseYaml(source, assembly.findings)
  assembly.parsed.set(path, documents)
  return documents
}

export function assemble(files: readonly string[], assembly: Assembly, at?: Origin): MapNode {
  const { findings } = assembly
  const merged = files.reduce<MapNode>((model, file) => layFile(model, file, { assembly, at }), emptyMap())
  settle(findings)
  const full = setDefaults(merged)
  checkElements(full, findings)
  settle(findings)
  const placed =
    assembly.skip.has('path-resolution') && assembly.chain.length === 0 ? full : resolvePaths(full, placesOf(assembly))
  return resolveFromEnvironment(asMap(placed), assembly)
}

const placesOf = ({
  base,
  home,
  reader,
}: Assembly): { base: string; home: string | undefined; reader: FileReader } => ({ base, home, reader })

const asMap = (node: Node): MapNode => (node.kind === 'map' ? node : emptyMap(node.at))

interface Lay {
  readonly assembly: Assembly
  readonly at: Origin | undefined
}

function layFile(model: MapNode, file: string, { assembly, at }: Lay): MapNode {
  const { findings, chain } = assembly
  return readDocuments(file, assembly, at).reduce((below, document) => {
    const inner = { ...assembly, chain: [...chain, file] }
    // Nothing can be laid over what is broken; but what is wrong in itself can be told.
    if (findings.errors.length > 0) return checkAlone(document, inner) ?? below
    const lay = (own: Findings): MapNode =>
      layDocument(below, document, { assembly: { ...inner, findings: own }, file, at })
    return apart(findings, lay) ?? below
  }, model)
}

function checkAlone(document: DocumentTree, assembly: Assembly): undefined {
  apart(assembly.findings, (findings) => checkKeys(interpolated(document, { ...assembly, findings }), findings))
}

function layDocument(
  below: MapNode,
  document: DocumentTree,
  { assembly, file, at }: { assembly: Assembly; file: string; at: Origin | undefined },
): MapNode {
  const { findings } = assembly
  growByDocument(findings, document, { below, at })
  const isFirst = below.entries.size === 0
  const resets = resetsOf(document.resets)
  const own = interpolated(document, assembly)
  const complete = applyIncludes(own, {
    ...assembly,
    resets,
    load: (project, inner) => loadIncluded(project, { ...assembly, findings: inner }),
  })
  settle(findings)
  const extended = applyExtends(
    complete,
    { file: assembly.reader.realpath(file), resets },
    { findings, open: openerOf(assembly) },
  )
  settle(findings)
  const laid = mergeDocuments(applyResets(below, resets), extended, findings)
  const merged = rememberReplaced(laid, below, resets)
  const touched = enforceUnique(isFirst ? merged : touchedPart(merged, extended), findings)
  settle(findings)
  checkSchema(touched, findings)
  settle(findings)
  const made = toCanonical(withoutVersion(asMap(touched), findings), assembly)
  return isFirst ? made : withTouched(withoutChild(merged, 'version'), made)
}

function interpolated(document: DocumentTree, assembly: Assembly): MapNode {
  const { skip, findings } = assembly
  const { root } = document
  if (root.kind !== 'map')
    return fail({
      code: 'wrong-type',
      message: 'the top level of a Compose file must be a mapping',
      hint: 'start with "services:"',
      at: root.at,
    })
  const result = skip.has('interpolation') ? root : interpolate(root, assembly, findings)
  settle(findings)
  return asMap(result)
}

function toCanonical(model: MapNode, { findings, skip }: Assembly): MapNode {
  const long = canonical(model, { findings, lenient: skip.has('interpolation') })
  settle(findings)
  const result = enforceUnique(long, findings)
  settle(findings)
  return asMap(result)
}

function withoutVersion(model: MapNode, findings: Findings): MapNode {
  const entry = model.entries.get('version')
  if (!entry) return model
  const message = 'the attribute "version" is obsolete and ignored'
  warn(findings, { code: 'obsolete-version', message, hint: 'remove the line', at: entry.key })
  return withoutChild(model, 'version')
}

function loadIncluded({ files, at, ...project }: IncludedProject, assembly: Assembly): MapNode {
  return assemble(files, { ...assembly, ...project, base: project.base || '.' }, at)
}

/** Reads each file that services extend once, and tells what is wrong in it once. */
function openerOf(assembly: Assembly): ExtendsContext['open'] {
  const opened = new Map<string, { readonly services: ServiceSet | undefined }>()
  return (path) => {
    const written = text(path)
    const known = written === undefined ? undefined : opened.get(written)
    if (known) return known.services
    const services = openExtended(path, assembly)
    if (written !== undefined) opened.set(written, { services })
    return services
  }
}

/** The services of a file named by `extends`, their paths made relative to this project; undefined (and reported) when it has none. */
function openExtended(path: Node, assembly: Assembly): ServiceSet | undefined {
  const { findings, directory, cwd } = assembly
  const written = text(path)
  if (written === undefined) {
    report(findings, {
      code: 'wrong-type',
      message: 'the file of "extends" must be text',
      hint: 'write the path of a Compose file',
      at: path.at,
    })
    return undefined
  }
  const file = resolve(directory, written)
  noteRequest(findings, displayName(file, cwd), () => ({ message: 'this file is extended here', at: path.at }))
  // This document's own mistakes so far must not end the reading of that one.
  return apart(findings, (inner) => servicesOf(file, { path, written, assembly: { ...assembly, findings: inner } }))
}

interface Extended {
  readonly path: Node
  readonly written: string
  readonly assembly: Assembly
}

function servicesOf(file: string, { path, written, assembly }: Extended): ServiceSet {
  const { findings, directory } = assembly
  const documents = readDocuments(file, assembly, path.at)
  const resets = resetsOf(documents.flatMap((document) => document.resets))
  const model = documents.reduce<MapNode>((below, document) => {
    growByDocument(findings, document, { below, at: path.at })
    const own = mergeDocuments(
      applyResets(below, resetsOf(document.resets)),
      interpolated(document, assembly),
      findings,
    )
    return toCanonical(asMap(enforceUnique(own, findings)), assembly)
  }, emptyMap())
  const prefix = isAbsolute(written) ? dirname(file) : relative(directory, dirname(file)) || '.'
  const services = child(resolvePaths(model, { ...placesOf(assembly), base: prefix }), 'services')
  if (services?.kind === 'map') return { file: assembly.reader.realpath(file), services, resets }
  return fail({
    code: 'extends-undefined',
    message: `"${written}" has no services to extend`,
    hint: 'name a file that has "services:"',
    at: path.at,
  })
}
