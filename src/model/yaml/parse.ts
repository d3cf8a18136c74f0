/** YAML text to nodes with positions. What the text says is decided here and in expand.ts; what it means, by the phases that follow. */
import { Composer, type Document, Parser, type YAMLError } from 'yaml'
import { type Findings, fail, report, settle } from '../findings.ts'
import type { Source } from '../tree/source.ts'
import { type DocumentTree, expand } from './expand.ts'

/** Every document of a file, in order. Throws what is wrong with the text, all of it at once. */
export function parseYaml(source: Source, findings: Findings): readonly DocumentTree[] {
  const documents = readDocuments(source)
  const errors = documents.flatMap((document) => document.errors)
  for (const error of firstOfEachLine(errors, source)) reportSyntax(error, source, findings)
  settle(findings)
  const trees = documents.flatMap((document) =>
    document.contents ? [expand(document.contents, source, findings)] : [],
  )
  settle(findings)
  return trees
}

function readDocuments(source: Source): readonly Document[] {
  const nul = source.text.indexOf('\0')
  if (nul >= 0)
    fail({
      code: 'yaml-syntax',
      message: "a NUL character can't stand in a YAML file",
      at: { source, start: nul, end: nul + 1 },
    })
  // Scalars stay text (failsafe): what they mean is scalar.ts's business. Duplicate keys are found in expand.ts in linear time.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  return [...composer.compose(new Parser().parse(source.text))] as readonly Document[]
}

/** What the parser says of a line after its first complaint is about its own confusion. */
function firstOfEachLine(errors: readonly YAMLError[], { text }: Source): readonly YAMLError[] {
  const seen = new Set<number>()
  return errors.filter(({ pos: [start] }) => {
    const line = text.lastIndexOf('\n', start - 1)
    return !seen.has(line) && seen.add(line)
  })
}

/** Our words for the parser's codes, where ours are better. */
const SYNTAX: Readonly<Partial<Record<YAMLError['code'], { message: string; hint?: string }>>> = {
  TAB_AS_INDENT: { message: "a tab can't indent YAML", hint: 'use spaces' },
  BAD_INDENT: {
    message: 'this line is indented differently from its neighbours',
    hint: 'give all keys of one mapping the same number of spaces',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a mapping can't start here",
    hint: 'put the value on a line of its own, or quote it if the colon belongs to it',
  },
  RESOURCE_EXHAUSTION: { message: 'the document is nested too deeply' },
}

function reportSyntax(error: YAMLError, source: Source, findings: Findings): void {
  const ours = SYNTAX[error.code]
  const message =
    ours?.message ?? `the YAML is broken: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`
  const [start, end] = error.pos
  report(findings, {
    code: 'yaml-syntax',
    message,
    hint: ours?.hint,
    at: { source, start: Math.max(0, start), end: Math.max(start + 1, end) },
  })
}
