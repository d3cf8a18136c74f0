/** How deep and how large a document is, and the refusal of one that would grow without end through its aliases. */
import type { Size } from '../extent.ts'
import { fail } from '../findings.ts'
import { DEEPEST_NESTING, MOST_CHARACTERS, MOST_DOCUMENTS, MOST_VALUES_IN_DOCUMENT } from '../limits.ts'
import type { Origin, Source } from '../tree/source.ts'

export interface Measure {
  readonly source: Source
  /** Levels of nesting where we are. */
  depth: number
  /** How deep it went since somebody last asked. */
  deepest: number
  /** Made so far, aliases written out. */
  values: number
  characters: number
}

export const startMeasure = (source: Source): Measure => ({ source, depth: 0, deepest: 0, values: 0, characters: 0 })

type Place = Pick<Origin, 'start' | 'end'>

const originIn = (source: Source, { start, end }: Place): Origin => ({ source, start, end: Math.max(start + 1, end) })

/** Refuse what is nested too deeply: recursive programs break on it. `height` is what lies below the value at the place. */
export function enter(measure: Measure, height: number, place: Place): void {
  const reached = measure.depth + height
  measure.deepest = Math.max(measure.deepest, reached)
  if (reached <= DEEPEST_NESTING) return
  fail({
    code: 'yaml-too-deep',
    message: `more than ${DEEPEST_NESTING} levels of nesting`,
    hint: 'take a level of brackets or of indentation away',
    at: originIn(measure.source, place),
  })
}

/** What stands deep takes more room when it is written out. */
const LEVELS_OF_A_VALUE = 16

export function count(measure: Measure, { values, characters }: Size, place: Place): void {
  measure.values += values * (1 + Math.floor(measure.depth / LEVELS_OF_A_VALUE))
  measure.characters += characters
  if (measure.values > MOST_VALUES_IN_DOCUMENT)
    refuseSize(`more than ${MOST_VALUES_IN_DOCUMENT} values`, measure, place)
  if (measure.characters > MOST_CHARACTERS)
    refuseSize(`texts of more than ${MOST_CHARACTERS / 2 ** 20} MB`, measure, place)
}

export function refuseDocuments(source: Source, place: Place): never {
  return fail({
    code: 'yaml-too-big',
    message: `"${source.name}" has more than ${MOST_DOCUMENTS} documents`,
    hint: 'divide it into several files, or put them into one document',
    at: originIn(source, place),
  })
}

function refuseSize(what: string, { source }: Measure, place: Place): void {
  fail({
    code: 'yaml-too-big',
    message: `"${source.name}" has ${what} when its aliases are written out`,
    hint: 'use fewer aliases inside aliased values',
    at: originIn(source, place),
  })
}
