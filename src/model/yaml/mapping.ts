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

export interface Entries {
  readonly all: readonly WrittenEntry[]
  readonly add: (entry: WrittenEntry) => void
}

export function noEntries(): Entries {
  const all: WrittenEntry[] = []
  return { all, add: (entry) => all.push(entry) }
}

export function finishMapping({ all }: Entries, at: Origin, { findings }: { findings: Findings }): MapNode {
  const entries = new Map<string, Entry>()
  const seen = new Map<string, Origin>()
  let merged: WrittenEntry | undefined
  for (const entry of all) {
    const { name, value } = entry
    if (name === undefined) {
      reportNotText(entry, findings)
      continue
    }
    const first = seen.get(name)
    if (first) reportDuplicate(name, first, entry, findings)
    seen.set(name, entry.at)
    if (entry.isMerge) merged = entry
    else if (value) entries.set(name, { key: entry.at, value })
  }
  if (merged) mergeInto(entries, merged, findings)
  return map(entries, at)
}

function reportNotText({ written, at }: WrittenEntry, findings: Findings): void {
  const shown = written === '' || /^[[{]/.test(written) ? 'a key of this mapping' : `the key "${written}"`
  const hint = written === '' ? undefined : `write it in quotes: "${written}"`
  report(findings, { code: 'non-string-key', message: `${shown} is not text`, hint, at })
}

function reportDuplicate(name: string, first: Origin, { at }: WrittenEntry, findings: Findings): void {
  const line = first.source.text.slice(0, first.start).split('\n').length
  report(findings, {
    code: 'duplicate-key',
    message: `the key "${name}" is already there in line ${line}`,
    hint: 'keep one of the two',
    at,
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
        at: value?.at ?? at,
      })
      return
    }
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry)
  }
}
