/**
 * Tokens to nodes: the grammar of YAML, and what its names mean. Aliases and merge keys are resolved, `!reset` and `!override` taken
 * out and remembered, and a document that would grow without end through its aliases is refused before it does.
 */
import { type Findings, fail } from '../findings.ts'
import type { Path } from '../project.ts'
import { list, type Node } from '../tree/node.ts'
import type { Origin, Source } from '../tree/source.ts'
import { type Cursor, cursorOver, type Kind } from './cursor.ts'
import { type Entries, finishMapping, noEntries } from './mapping.ts'
import { resolvePlain } from './scalar.ts'
import { resolveTagged } from './tag.ts'
import { type Token, YamlError } from './token.ts'

export interface DocumentTree {
  readonly root: Node
  /** Paths whose value, in what this document is laid over, is dropped: the places of `!reset` and `!override`. */
  readonly resets: readonly Path[]
}

/** Deeper nesting has no meaning in a Compose file and breaks recursive programs. */
const DEEPEST = 200
/** Counted with every alias written out. */
const MOST_NODES = 1_000_000

interface Building {
  readonly source: Source
  readonly findings: Findings
  readonly cursor: Cursor
  readonly anchors: Map<string, Anchor>
  readonly resets: Path[]
  /** Where we are. */
  readonly path: (string | number)[]
  /** Nodes made so far, aliases written out. */
  count: number
}

/** A value that has a name, and what an alias to it brings along; undefined while it is being read. */
interface Anchor {
  readonly node: Node | undefined
  readonly resets: readonly Path[]
  readonly count: number
}

export function build(tokens: readonly Token[], source: Source, findings: Findings): readonly DocumentTree[] {
  const cursor = cursorOver(tokens)
  const documents: DocumentTree[] = []
  for (let first = true; ; first = false) {
    while (cursor.kind() === 'document-end') cursor.next()
    if (cursor.kind() === 'end') return documents
    startDocument(cursor, first)
    const building: Building = { source, findings, cursor, anchors: new Map(), resets: [], path: [], count: 0 }
    const root = isDocumentEdge(cursor.kind()) ? empty(building) : readNode(building, BLOCK)
    documents.push({ root: root ?? empty(building), resets: building.resets })
    if (!isDocumentEdge(cursor.kind())) throw expected('the end of the document', building)
  }
}

const isDocumentEdge = (kind: Kind): boolean =>
  kind === 'directive' || kind === 'document-start' || kind === 'document-end' || kind === 'end'

function startDocument(cursor: Cursor, first: boolean): void {
  while (cursor.kind() === 'directive') cursor.next()
  if (cursor.kind() === 'document-start') cursor.next()
  else if (!first || isDocumentEdge(cursor.kind())) {
    const { start, end } = cursor.token()
    throw new YamlError('a document starts with "---"', { start, end })
  }
}

/** Which forms a node may have here. */
interface Context {
  readonly block: boolean
  /** The items of a list may stand in the column of its key. */
  readonly indentless: boolean
}

const BLOCK: Context = { block: true, indentless: false }
const BLOCK_VALUE: Context = { block: true, indentless: true }
const FLOW: Context = { block: false, indentless: false }

const RESET = '!reset'
const OVERRIDE = '!override'

/** Undefined for a value that `!reset` takes away. */
function readNode(building: Building, context: Context): Node | undefined {
  const { cursor, path } = building
  countNode(building, 1)
  if (path.length > DEEPEST) {
    return fail({
      code: 'yaml-too-deep',
      message: `more than ${DEEPEST} levels of nesting`,
      at: originOf(cursor.token(), building),
    })
  }
  if (cursor.kind() === 'alias') return readAlias(building)
  const { anchor, tag, start } = readProperties(building)
  const [firstReset, firstCount] = [building.resets.length, building.count]
  if (tag === RESET || tag === OVERRIDE) building.resets.push([...path])
  const node = readContent(building, context, { tag, start })
  const kept = tag === RESET ? undefined : node
  if (anchor !== undefined) {
    const resets = building.resets.slice(firstReset).map((reset) => reset.slice(path.length))
    building.anchors.set(anchor, { node: kept, resets, count: building.count - firstCount + 1 })
  }
  return kept
}

function countNode(building: Building, nodes: number): void {
  building.count += nodes
  if (building.count <= MOST_NODES) return
  fail({
    code: 'yaml-too-big',
    message: `"${building.source.name}" has more than ${MOST_NODES} values when its aliases are written out`,
    hint: 'use fewer aliases inside aliased values',
  })
}

function readAlias(building: Building): Node | undefined {
  const token = building.cursor.next()
  const anchor = building.anchors.get(token.value)
  if (!anchor) {
    const open = building.source.text.includes(`&${token.value}`)
    const message = open
      ? `the alias "*${token.value}" stands before or inside the value it names`
      : `no value is named "&${token.value}"`
    return fail({ code: 'yaml-alias', message, at: originOf(token, building) })
  }
  countNode(building, anchor.count)
  for (const reset of anchor.resets) building.resets.push([...building.path, ...reset])
  return anchor.node
}

interface Properties {
  readonly anchor: string | undefined
  readonly tag: string | undefined
  readonly start: Token | undefined
}

function readProperties({ cursor }: Building): Properties {
  let anchor: string | undefined
  let tag: string | undefined
  let start: Token | undefined
  for (let kind = cursor.kind(); kind === 'anchor' || kind === 'tag'; kind = cursor.kind()) {
    if ((kind === 'anchor' ? anchor : tag) !== undefined) break
    const token = cursor.next()
    start ??= token
    if (kind === 'anchor') anchor = token.value
    else tag = token.value
  }
  return { anchor, tag, start }
}

interface Written {
  readonly tag: string | undefined
  readonly start: Token | undefined
}

function readContent(building: Building, { block, indentless }: Context, { tag, start }: Written): Node {
  const { cursor } = building
  const kind = cursor.kind()
  if (kind === 'scalar') return readScalar(building, tag)
  if (kind === '[') return readFlowList(building)
  if (kind === '{') return readFlowMap(building)
  if (block && kind === 'block-sequence') return readBlockList(building)
  if (block && kind === 'block-mapping') return readBlockMap(building)
  if (indentless && kind === 'entry') return readIndentlessList(building)
  if (start) return emptyScalar(originOf(start, building), tag)
  throw expected('a value', building)
}

function readScalar(building: Building, tag: string | undefined): Node {
  const token = building.cursor.next()
  const at = originOf(token, building)
  if (tag?.startsWith(YAML))
    return { kind: 'scalar', at, ...resolveTagged(tag.slice(YAML.length), token.value, building.findings, at) }
  const resolved = token.plain && tag !== '!' ? resolvePlain(token.value) : { value: token.value }
  return { kind: 'scalar', at, ...resolved }
}

const YAML = 'tag:yaml.org,2002:'

const emptyScalar = (at: Origin | undefined, tag?: string): Node => ({
  kind: 'scalar',
  at,
  value: tag === `${YAML}str` ? '' : null,
})

function empty(building: Building): Node {
  const { start } = building.cursor.token()
  return emptyScalar({ source: building.source, start, end: start })
}

function originOf({ start, end }: Token, { source }: Building): Origin {
  return { source, start, end }
}

/** An item or value below the place where we are. */
function readAt(building: Building, key: string | number, read: () => Node | undefined): Node | undefined {
  building.path.push(key)
  const node = read()
  building.path.pop()
  return node
}

function readBlockList(building: Building): Node {
  const { cursor } = building
  const start = cursor.next()
  const items = readItems(building, (kind) => kind === 'entry' || kind === 'block-end')
  if (cursor.kind() !== 'block-end') throw expected('a list item ("- ...")', building)
  return list(items, spanFrom(start, cursor.next(), building))
}

function readIndentlessList(building: Building): Node {
  const start = building.cursor.token()
  const items = readItems(
    building,
    (kind) => kind === 'entry' || kind === 'key' || kind === 'value' || kind === 'block-end',
  )
  return list(items, spanFrom(start, building.cursor.token(), building))
}

function readItems(building: Building, ends: (kind: Kind) => boolean): readonly Node[] {
  const { cursor } = building
  const items: Node[] = []
  for (let index = 0; cursor.kind() === 'entry'; index++) {
    cursor.next()
    const item = readAt(building, index, () => (ends(cursor.kind()) ? empty(building) : readNode(building, BLOCK)))
    if (item) items.push(item)
  }
  return items
}

function readBlockMap(building: Building): Node {
  const { cursor } = building
  const start = cursor.next()
  const entries = noEntries()
  while (cursor.kind() === 'key') {
    cursor.next()
    const isEmpty = (): boolean => BLOCK_STOPS.has(cursor.kind())
    readEntry(building, entries, { isEmpty, context: BLOCK_VALUE })
  }
  if (cursor.kind() !== 'block-end') throw expected('a key', building)
  return finishMapping(entries, spanFrom(start, cursor.next(), building), building)
}

const BLOCK_STOPS: ReadonlySet<Kind> = new Set<Kind>(['key', 'value', 'block-end'])

interface Form {
  /** Whether nothing stands where a key or value could. */
  readonly isEmpty: () => boolean
  readonly context: Context
  /** The key has no value. */
  readonly alone?: boolean
}

/** A key, and its value if there is one. */
function readEntry(building: Building, entries: Entries, { isEmpty, context, alone = false }: Form): void {
  const { cursor } = building
  const token = cursor.token()
  const isMerge = token.kind === 'scalar' && token.plain && token.value === '<<' && !isEmpty()
  const key = isEmpty() ? empty(building) : readNode(building, context)
  const name = key?.kind === 'scalar' && typeof key.value === 'string' ? key.value : undefined
  const read = (): Node | undefined => {
    if (alone || cursor.kind() !== 'value') return empty(building)
    cursor.next()
    return isEmpty() ? empty(building) : readNode(building, context)
  }
  const at = key?.at ?? originOf(token, building)
  // A merged mapping's own paths are those of the mapping it is merged into.
  const value = isMerge || name === undefined ? read() : readAt(building, name, read)
  entries.add({
    name: isMerge ? '<<' : name,
    isMerge,
    written: building.source.text.slice(token.start, token.end),
    at,
    value,
  })
}

function readFlowList(building: Building): Node {
  const { cursor } = building
  const start = cursor.next()
  const items: Node[] = []
  for (let index = 0; cursor.kind() !== ']'; index++) {
    if (index > 0) readComma(building, start)
    if (cursor.kind() === ']') break
    const item = readAt(building, index, () =>
      cursor.kind() === 'key' ? readPair(building) : readNode(building, FLOW),
    )
    if (item) items.push(item)
  }
  return list(items, spanFrom(start, cursor.next(), building))
}

/** `[a: b]` is a list of one mapping. */
function readPair(building: Building): Node {
  const { cursor } = building
  const start = cursor.next()
  const entries = noEntries()
  readEntry(building, entries, { isEmpty: () => FLOW_STOPS.has(cursor.kind()), context: FLOW })
  return finishMapping(entries, spanFrom(start, cursor.token(), building), building)
}

const FLOW_STOPS: ReadonlySet<Kind> = new Set<Kind>(['value', ',', ']', '}'])

function readFlowMap(building: Building): Node {
  const { cursor } = building
  const start = cursor.next()
  const entries = noEntries()
  for (let index = 0; cursor.kind() !== '}'; index++) {
    if (index > 0) readComma(building, start)
    if (cursor.kind() === '}') break
    const isEmpty = (): boolean => FLOW_STOPS.has(cursor.kind())
    // What is not followed by a colon on its line is a key without a value.
    const alone = cursor.kind() !== 'key'
    if (!alone) cursor.next()
    readEntry(building, entries, { isEmpty, context: FLOW, alone })
  }
  return finishMapping(entries, spanFrom(start, cursor.next(), building), building)
}

function readComma(building: Building, opening: Token): void {
  if (building.cursor.kind() === ',') building.cursor.next()
  else {
    const closing = opening.kind === '[' ? ']' : '}'
    const line = building.source.text.slice(0, opening.start).split('\n').length
    throw expected(`a comma or "${closing}"`, building, `the "${opening.kind}" of line ${line} is not closed`)
  }
}

function spanFrom({ start }: Token, { end }: Token, { source }: Building): Origin {
  return { source, start, end: Math.max(start + 1, end) }
}

function expected(
  what: string,
  { cursor }: Building,
  hint = 'check the indentation, and the brackets and quotes above',
): YamlError {
  const { start, end } = cursor.token()
  return new YamlError(`${what} is expected here`, { start, end: Math.max(start + 1, end), hint })
}
