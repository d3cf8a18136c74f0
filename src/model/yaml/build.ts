/**
 * Tokens to nodes: the grammar of YAML, and what its names mean. Aliases and merge keys are resolved, `!reset` and `!override` taken
 * out and remembered, and a document that would grow without end through its aliases is refused before it does.
 */
import type { Size } from '../extent.ts'
import type { Findings } from '../findings.ts'
import { MOST_DOCUMENTS } from '../limits.ts'
import type { Path } from '../project.ts'
import { list, type Node, scalar } from '../tree/node.ts'
import type { Origin, Source } from '../tree/source.ts'
import { type Anchoring, readAlias, readNamed } from './alias.ts'
import { type Cursor, cursorOver, type Kind } from './cursor.ts'
import { addEntry, type Draft, draftMapping, finishMapping } from './mapping.ts'
import { count, enter, refuseDocuments, startMeasure } from './measure.ts'
import { resolvePlain } from './scalar.ts'
import type { Scanner } from './scanner.ts'
import { resolveTagged } from './tag.ts'
import { type Mistake, type Token, YamlError } from './token.ts'

export interface DocumentTree {
  readonly root: Node
  /** Paths whose value, in what this document is laid over, is dropped: the places of `!reset` and `!override`. */
  readonly resets: readonly Path[]
  /** With every alias written out. */
  readonly size: Size
}

interface Building extends Anchoring {
  readonly cursor: Cursor
}

export function build(scanner: Scanner, source: Source, findings: Findings): readonly DocumentTree[] {
  const cursor = cursorOver(scanner)
  const documents: DocumentTree[] = []
  for (let first = true; ; first = false) {
    while (cursor.kind() === 'document-end') cursor.next()
    if (cursor.kind() === 'end') return documents
    if (documents.length === MOST_DOCUMENTS) refuseDocuments(source, cursor.token())
    startDocument(cursor, first)
    const building = startBuilding(cursor, source, findings)
    const root = isDocumentEdge(cursor.kind()) ? empty(building) : readNode(building, BLOCK)
    const { resets, values, characters } = building
    documents.push({ root: root ?? empty(building), resets, size: { values, characters } })
    if (!isDocumentEdge(cursor.kind())) throw expected('the end of the document', building, { mistake: 'key' })
  }
}

const startBuilding = (cursor: Cursor, source: Source, findings: Findings): Building => ({
  ...startMeasure(source),
  findings,
  cursor,
  anchors: new Map(),
  resets: [],
  path: [],
  overriding: false,
})

const isDocumentEdge = (kind: Kind): boolean =>
  kind === 'directive' || kind === 'document-start' || kind === 'document-end' || kind === 'end'

function startDocument(cursor: Cursor, first: boolean): void {
  const isDirected = readDirectives(cursor)
  if (cursor.kind() === 'document-start') cursor.next()
  else if (isDirected || !first || isDocumentEdge(cursor.kind())) {
    const { start, end } = cursor.token()
    throw new YamlError('a document starts with "---"', { start, end, hint: 'write "---" before it, or remove it' })
  }
}

/** Whether there are any. Docker Compose reads no file that says it is of another YAML than 1.1. */
function readDirectives(cursor: Cursor): boolean {
  const known = new Set<string>()
  while (cursor.kind() === 'directive') {
    const { value, start, end } = cursor.next()
    const [name = '', first = ''] = value.split(/[ \t]+/)
    const subject = name === '%YAML' ? name : `${name} ${first}`
    if (known.has(subject))
      throw new YamlError(`"${subject}" is there twice`, { start, end, hint: 'keep one of the two' })
    if (name === '%YAML' && first !== '1.1')
      throw new YamlError(`this says it is YAML ${first}`, { start, end, hint: 'remove the line' })
    known.add(subject)
  }
  return known.size > 0
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

const ONE: Size = { values: 1, characters: 0 }

type Read = (building: Building, context: Context, written: Written) => Node | undefined

/** An alias; or a name, a tag and what `read` makes of the rest. */
function readWith(building: Building, context: Context, read: Read): Node | undefined {
  const { cursor } = building
  const place = cursor.token()
  count(building, ONE, place)
  enter(building, 0, place)
  if (cursor.kind() === 'alias') return readAlias(building, cursor.next())
  const { anchor, tag, start } = readProperties(building)
  building.depth++
  const node =
    anchor === undefined
      ? read(building, context, { tag, start })
      : readNamed(building, anchor, () => read(building, context, { tag, start }))
  building.depth--
  return node
}

/** Undefined for a value that `!reset` takes away. */
const readNode = (building: Building, context: Context): Node | undefined => readWith(building, context, readMarked)

function readMarked(building: Building, context: Context, { tag, start }: Written): Node | undefined {
  if (building.overriding || (tag !== RESET && tag !== OVERRIDE)) return readContent(building, context, { tag, start })
  building.resets.push([...building.path])
  building.overriding = tag === OVERRIDE
  const node = readContent(building, context, { tag, start })
  building.overriding = false
  return tag === RESET ? undefined : node
}

interface Properties {
  readonly anchor: string | undefined
  readonly tag: string | undefined
  readonly start: Token | undefined
}

const NO_PROPERTIES: Properties = { anchor: undefined, tag: undefined, start: undefined }

function readProperties({ cursor }: Building): Properties {
  if (cursor.kind() !== 'anchor' && cursor.kind() !== 'tag') return NO_PROPERTIES
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
  count(building, { values: 0, characters: token.value.length }, token)
  if (tag?.startsWith(YAML))
    return { kind: 'scalar', at, ...resolveTagged(tag.slice(YAML.length), token.value, building.findings, at) }
  // What has a tag of the user's, be it !override, is text.
  if (!token.plain || tag !== undefined) return scalar(token.value, at)
  const { value, type } = resolvePlain(token.value)
  return type === undefined ? scalar(value, at) : { kind: 'scalar', at, value, type }
}

const YAML = 'tag:yaml.org,2002:'

/** What nothing is under a tag of YAML's scalars other than text; under any other tag it is empty text. */
const EMPTY_IS_NULL: ReadonlySet<string> = new Set(
  ['null', 'bool', 'int', 'float', 'timestamp'].map((name) => YAML + name),
)

const emptyScalar = (at: Origin | undefined, tag?: string): Node => ({
  kind: 'scalar',
  at,
  value: tag === undefined || EMPTY_IS_NULL.has(tag) ? null : '',
})

/** It stands behind what it belongs to: a colon, a dash. */
function empty(building: Building): Node {
  const { cursor, source } = building
  const place = cursor.token()
  const start = cursor.before()?.end ?? place.start
  count(building, ONE, place)
  return emptyScalar({ source, start, end: start })
}

function originOf({ start, end }: Token, { source }: Building): Origin {
  return { source, start, end }
}

function readBlockList(building: Building): Node {
  const { cursor } = building
  const start = cursor.next()
  const items = readItems(building, LIST_STOPS)
  if (cursor.kind() !== 'block-end') throw expected('a list item ("- ...")', building, { mistake: 'item' })
  return list(items, spanFrom(start, cursor.next(), building))
}

function readIndentlessList(building: Building): Node {
  const start = building.cursor.token()
  const items = readItems(building, INDENTLESS_STOPS)
  return list(items, spanFrom(start, building.cursor.token(), building))
}

/** What comes where a node could, when there is none. */
type Stops = ReadonlySet<Kind>

const LIST_STOPS: Stops = new Set<Kind>(['entry', 'block-end'])
const INDENTLESS_STOPS: Stops = new Set<Kind>(['entry', 'key', 'value', 'block-end'])

function readItems(building: Building, stops: Stops): readonly Node[] {
  const { cursor, path } = building
  const items: Node[] = []
  for (let index = 0; cursor.kind() === 'entry'; index++) {
    cursor.next()
    path.push(index)
    const item = stops.has(cursor.kind()) ? empty(building) : readNode(building, BLOCK)
    path.pop()
    if (item) items.push(item)
  }
  return items
}

function readBlockMap(building: Building): Node {
  const { cursor, findings } = building
  const start = cursor.next()
  // A mapping takes more room than a list.
  count(building, ONE, start)
  const draft = draftMapping()
  while (cursor.kind() === 'key') {
    cursor.next()
    readEntry(building, draft, BLOCK_ENTRY)
  }
  if (cursor.kind() !== 'block-end') throw expected('a key', building, { mistake: 'key' })
  return finishMapping(draft, spanFrom(start, cursor.next(), building), findings)
}

interface Form {
  readonly stops: Stops
  readonly context: Context
  /** The key has no value. */
  readonly alone?: boolean
}

const FLOW_STOPS: Stops = new Set<Kind>(['value', ',', ']', '}'])
const BLOCK_ENTRY: Form = { stops: new Set<Kind>(['key', 'value', 'block-end']), context: BLOCK_VALUE }
const FLOW_ENTRY: Form = { stops: FLOW_STOPS, context: FLOW }
const FLOW_KEY_ALONE: Form = { ...FLOW_ENTRY, alone: true }

/** A key, and its value if there is one. */
function readEntry(building: Building, draft: Draft, form: Form): void {
  const { cursor, path } = building
  const token = cursor.token()
  const isEmpty = form.stops.has(cursor.kind())
  const isMerge = token.kind === 'scalar' && token.plain && token.value === '<<' && !isEmpty
  const key = isEmpty ? empty(building) : readKey(building, form)
  const isText = key?.kind === 'scalar' && typeof key.value === 'string' && key.type === undefined
  const name = isText ? String(key.value) : undefined
  const written = building.source.text.slice(token.start, token.end)
  const at = key?.at ?? originOf(token, building)
  // A merged mapping's own paths are those of the mapping it is merged into.
  const isPlace = !isMerge && name !== undefined
  if (isPlace) path.push(name)
  const value = readValue(building, form)
  if (isPlace) path.pop()
  addEntry(draft, { name: isMerge ? '<<' : name, isMerge, written, at, value }, building.findings)
}

/** A key may have a name; `!reset` and `!override` say nothing about it. */
const readKey = (building: Building, { context }: Form): Node | undefined => readWith(building, context, readContent)

function readValue(building: Building, { stops, context, alone }: Form): Node | undefined {
  const { cursor } = building
  if (alone || cursor.kind() !== 'value') return empty(building)
  cursor.next()
  return stops.has(cursor.kind()) ? empty(building) : readNode(building, context)
}

function readFlowList(building: Building): Node {
  const { cursor, path } = building
  const start = cursor.next()
  const items: Node[] = []
  for (let index = 0; cursor.kind() !== ']'; index++) {
    if (index > 0) readComma(building, start)
    if (cursor.kind() === ']') break
    path.push(index)
    const item = cursor.kind() === 'key' ? readPair(building) : readNode(building, FLOW)
    path.pop()
    if (item) items.push(item)
  }
  return list(items, spanFrom(start, cursor.next(), building))
}

/** `[a: b]` is a list of one mapping. */
function readPair(building: Building): Node {
  const { cursor, findings } = building
  const start = cursor.next()
  count(building, ONE, start)
  const draft = draftMapping()
  readEntry(building, draft, FLOW_ENTRY)
  return finishMapping(draft, spanFrom(start, cursor.token(), building), findings)
}

function readFlowMap(building: Building): Node {
  const { cursor, findings } = building
  const start = cursor.next()
  count(building, ONE, start)
  const draft = draftMapping()
  for (let index = 0; cursor.kind() !== '}'; index++) {
    if (index > 0) readComma(building, start)
    if (cursor.kind() === '}') break
    // What is not followed by a colon on its line is a key without a value.
    const isKey = cursor.kind() === 'key'
    if (isKey) cursor.next()
    readEntry(building, draft, isKey ? FLOW_ENTRY : FLOW_KEY_ALONE)
  }
  return finishMapping(draft, spanFrom(start, cursor.next(), building), findings)
}

function readComma(building: Building, opening: Token): void {
  const { cursor } = building
  if (cursor.kind() === ',') cursor.next()
  else {
    const closing = opening.kind === '[' ? ']' : '}'
    throw expected(`a comma or "${closing}"`, building, { mistake: 'comma', since: opening })
  }
}

function spanFrom({ start }: Token, { end }: Token, { source }: Building): Origin {
  return { source, start, end: Math.max(start + 1, end) }
}

interface Doubt {
  readonly mistake?: Mistake
  /** Of what is not finished; the token before where that is not known. */
  readonly since?: Token
}

function expected(what: string, { cursor }: Building, { mistake, since = cursor.before() }: Doubt = {}): YamlError {
  const { start, end } = cursor.token()
  return new YamlError(`${what} is expected here`, {
    start,
    end: Math.max(start + 1, end),
    hint: 'check the indentation, and the brackets and quotes above',
    ...(mistake && { mistake }),
    since: since?.start,
  })
}
