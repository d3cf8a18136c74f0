/** The entries of a YAML mapping: keys are text and stand once, `<<` brings in other mappings. */
import { type Findings, report } from '../findings.ts'
import { type Entry, type MapNode, map, type Node } from '../tree/node.ts'
import type { Origin } from '../tree/source.ts'

export interface WrittenEntry {
  /** Undefined for a key that is not text. */
  readonly name: string | undefined
  readonly isMerge: boolean
  /** The key as it stands in the file. */
  readonly written: string
  readonly at: Origin
  /** Undefined for one that `!reset` takes away. */
  readonly value: Node | undefined
}

/** A mapping while it is read. */
export interface Draft {
  readonly entries: Map<string, Entry>
  /** Keys that `!reset` left without value. */
  dropped: Map<string, Origin> | undefined
  merged: WrittenEntry | undefined
}

export const draftMapping = (): Draft => ({ entries: new Map(), dropped: undefined, merged: undefined })

export function addEntry(draft: Draft, entry: WrittenEntry, findings: Findings): void {
  const { name, value, at } = entry
  if (name === undefined) {
    reportNotText(entry, findings)
    return
  }
  const first = entry.isMerge ? draft.merged?.at : (draft.entries.get(name)?.key ?? draft.dropped?.get(name))
  if (first) reportDuplicate(name, first, entry, findings)
  if (entry.isMerge) draft.merged = entry
  else if (value) draft.entries.set(name, { key: at, value })
  else {
    draft.dropped ??= new Map()
    draft.dropped.set(name, at)
  }
}

export function finishMapping({ entries, merged }: Draft, at: Origin, findings: Findings): MapNode {
  if (merged) mergeInto(entries, merged, findings)
  return map(entries, at)
}

function reportNotText({ written, at }: WrittenEntry, findings: Findings): void {
  report(findings, { code: 'non-string-key', ...describeKey(written), at })
}

/** The opening brace of `{{ name }}` is where a key is a mapping: nobody means that. */
function describeKey(written: string): { readonly message: string; readonly hint: string } {
  if (written === '') return { message: 'a key of this mapping is empty', hint: 'write a name before the colon' }
  if (written.startsWith('{'))
    return { message: 'a key of this mapping is a mapping', hint: 'put a value that starts with {{ in quotes' }
  if (written.startsWith('['))
    return { message: 'a key of this mapping is a list', hint: 'put a key that starts with [ in quotes' }
  return { message: `the key "${written}" is not text`, hint: `write it in quotes: "${written}"` }
}

function reportDuplicate(name: string, first: Origin, { at }: WrittenEntry, findings: Findings): void {
  report(findings, {
    code: 'duplicate-key',
    message: `the key "${name}" stands twice in this mapping`,
    hint: 'keep one of the two',
    at,
    notes: [{ message: 'it is first written here', at: first }],
  })
}

/** `<<`: keys of the mapping itself win, then those of the first merged mapping. */
function mergeInto(entries: Map<string, Entry>, { value, at }: WrittenEntry, findings: Findings): void {
  const sources = value?.kind === 'list' ? value.items : value ? [value] : []
  for (const source of sources) {
    if (source.kind !== 'map') {
      report(findings, {
        code: 'yaml-merge',
        message: '"<<" takes a mapping or a list of mappings',
        hint: 'write <<: *NAME, or <<: [*NAME, *OTHER]',
        at,
        notes: [{ message: 'what it takes in is here', at: value?.at }],
      })
      return
    }
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry)
  }
}
