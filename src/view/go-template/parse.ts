/** Go's text/template as Docker's `--format` takes it: text with actions in double braces, to a tree. Pure. https://pkg.go.dev/text/template */

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }

/** The value of each command is the last argument of the next. */
export interface Pipeline {
  readonly commands: readonly Command[]
  /** `$x := …`, or `$i, $x := …` of a range. */
  readonly variables: readonly string[]
}

/** A function or a value, and arguments. */
export type Command = readonly Term[]

export type Term =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'function'; readonly name: string }
  /** `.A.B` of the dot, `$x.A` of a variable, `(…).A` of a pipeline. */
  | { readonly kind: 'field'; readonly from: Source; readonly path: readonly string[] }

type Source = { readonly kind: 'dot' } | { readonly kind: 'variable'; readonly name: string } | Inner
interface Inner {
  readonly kind: 'pipeline'
  readonly pipeline: Pipeline
}

/** Said of a template that can't be understood. */
export class TemplateSyntaxError extends Error {}

interface Action {
  readonly words: readonly string[]
}

type Piece = { readonly text: string } | Action

const ACTION = /\{\{(?:-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|[^"`'])*?)(?:\s-)?\}\}/g
const WORD =
  /\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)+'|:=|\||,|\(|\)|[+-]?\d+(?:\.\d+)?|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|\w+|./gy

export function parseTemplate(template: string): readonly Node[] {
  const reader = { pieces: split(template), at: 0 }
  const { nodes, end } = readNodes(reader)
  if (end !== undefined) throw new TemplateSyntaxError(`unexpected {{${end}}}`)
  return nodes
}

/** A dash inside the braces takes the white space beside them away. */
function split(template: string): readonly Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of template.matchAll(ACTION)) {
    const before = template.slice(from, match.index)
    pieces.push({ text: /^\{\{-\s/.test(match[0]) ? before.trimEnd() : before })
    const inner = (match[1] ?? '').trim()
    if (!/^\/\*[\s\S]*\*\/$/.test(inner)) pieces.push({ words: wordsOf(inner) })
    from = match.index + match[0].length
    if (/\s-\}\}$/.test(match[0])) from += /^\s*/.exec(template.slice(from))?.[0].length ?? 0
  }
  const rest = template.slice(from)
  if (rest.includes('{{')) throw new TemplateSyntaxError('unclosed action')
  return [...pieces, { text: rest }]
}

function wordsOf(inner: string): readonly string[] {
  return (inner.match(WORD) ?? []).filter((word) => word.trim() !== '')
}

interface Reader {
  readonly pieces: readonly Piece[]
  at: number
}

interface Body {
  readonly nodes: readonly Node[]
  /** The words that end it: `end`, `else`, `else if …`. */
  readonly end: string | undefined
}

function readNodes(reader: Reader): Body {
  const nodes: Node[] = []
  while (reader.at < reader.pieces.length) {
    const piece = reader.pieces[reader.at++] as Piece
    if ('text' in piece) {
      if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text })
      continue
    }
    const [first, ...rest] = piece.words
    if (first === undefined) throw new TemplateSyntaxError('missing value for command')
    if (first === 'end' || first === 'else') return { nodes, end: piece.words.join(' ') }
    if (first === 'if' || first === 'with' || first === 'range') nodes.push(readBlock(reader, first, rest))
    else nodes.push({ kind: 'print', pipeline: pipelineOf(piece.words) })
  }
  return { nodes, end: undefined }
}

function readBlock(reader: Reader, kind: 'if' | 'with' | 'range', words: readonly string[]): Node {
  const pipeline = pipelineOf(words)
  const body = readNodes(reader)
  if (body.end === 'end') return { kind, pipeline, body: body.nodes, otherwise: [] }
  if (body.end === 'else') {
    const otherwise = readNodes(reader)
    if (otherwise.end !== 'end') throw new TemplateSyntaxError('unexpected EOF')
    return { kind, pipeline, body: body.nodes, otherwise: otherwise.nodes }
  }
  const next = /^else (if|with) /.exec(body.end ?? '')
  if (!next) throw new TemplateSyntaxError('unexpected EOF')
  const inner = (reader.pieces[reader.at - 1] as Action).words.slice(2)
  return { kind, pipeline, body: body.nodes, otherwise: [readBlock(reader, next[1] as 'if', inner)] }
}

function pipelineOf(words: readonly string[]): Pipeline {
  const assigned = words.indexOf(':=')
  const variables = assigned === -1 ? [] : words.slice(0, assigned).filter((word) => word !== ',')
  if (variables.some((one) => !/^\$\w+$/.test(one))) throw new TemplateSyntaxError('unexpected ":=" in command')
  const line = { words: words.slice(assigned + 1), at: 0 }
  const commands = readCommands(line)
  if (line.at < line.words.length) throw new TemplateSyntaxError(`unexpected "${line.words[line.at]}" in command`)
  return { commands, variables }
}

interface Line {
  readonly words: readonly string[]
  at: number
}

function readCommands(line: Line): readonly Command[] {
  const commands: Term[][] = [[]]
  while (line.at < line.words.length && line.words[line.at] !== ')') {
    const word = line.words[line.at++] as string
    if (word === '|') commands.push([])
    else commands.at(-1)?.push(termOf(word, line))
  }
  if (commands.some((one) => one.length === 0)) throw new TemplateSyntaxError('missing value for command')
  return commands
}

const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, nil: null }

function termOf(word: string, line: Line): Term {
  if (word === '(') return innerOf(line)
  if (/^["'`]/.test(word)) return { kind: 'literal', value: textOf(word) }
  if (/^[+-]?\d/.test(word)) return { kind: 'literal', value: Number(word) }
  if (Object.hasOwn(CONSTANTS, word)) return { kind: 'literal', value: CONSTANTS[word] as boolean | null }
  if (/^\w+$/.test(word)) return { kind: 'function', name: word }
  if (word.startsWith('$')) {
    const [name = '', ...path] = word.split('.')
    return { kind: 'field', from: { kind: 'variable', name }, path }
  }
  if (word.startsWith('.')) return { kind: 'field', from: { kind: 'dot' }, path: fieldsOf(word) }
  throw new TemplateSyntaxError(`unexpected "${word}" in command`)
}

function innerOf(line: Line): Term {
  const pipeline = { commands: readCommands(line), variables: [] }
  if (line.words[line.at++] !== ')') throw new TemplateSyntaxError('unclosed left paren')
  const next = line.words[line.at] ?? ''
  const isField = /^\.\w/.test(next)
  if (isField) line.at++
  return { kind: 'field', from: { kind: 'pipeline', pipeline }, path: isField ? fieldsOf(next) : [] }
}

const fieldsOf = (word: string): readonly string[] => word.split('.').filter((one) => one !== '')

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' }

function textOf(word: string): string {
  const inner = word.slice(1, -1)
  return word.startsWith('`') ? inner : inner.replace(/\\(.)/g, (_, one: string) => ESCAPES[one] ?? one)
}
