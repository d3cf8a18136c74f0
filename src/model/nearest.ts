/** The name the user most likely meant. */

/** No slip of a finger makes a word of this length another one. */
const LONGEST = 100

/** The candidate nearest to the word, if any is near enough to be a slip of the finger. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined
  const meant = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 0.5
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const distance = editDistance(meant, candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** `did you mean "db"?`, or undefined. */
export const didYouMean = (word: string, candidates: Iterable<string>): string | undefined => {
  const candidate = nearest(word, candidates)
  return candidate === undefined ? undefined : `did you mean "${candidate}"?`
}

/** The name that was most likely meant, else those there are if they are few, else some other advice. */
export function suggest(word: string, candidates: Iterable<string>, otherwise: string): string {
  const names = [...candidates]
  const listed = names.length > 0 && names.length <= 8 ? `there are: ${names.join(', ')}` : otherwise
  return didYouMean(word, names) ?? listed
}

/** Optimal string alignment distance: a swap of neighbours counts as one slip. */
function editDistance(a: string, b: string): number {
  let [before, last, row] = [0, 1, 2].map(() => new Uint16Array(b.length + 1)) as [Row, Row, Row]
  for (let j = 0; j <= b.length; j++) last[j] = j
  for (let i = 1; i <= a.length; i++) {
    fillRow(a, b, { i, before, last, row })
    ;[before, last, row] = [last, row, before]
  }
  return last[b.length] ?? Infinity
}

type Row = Uint16Array

interface Rows {
  readonly i: number
  readonly before: Row
  readonly last: Row
  readonly row: Row
}

/** For each start of `b` the distance to the first `i` letters of `a`. */
function fillRow(a: string, b: string, { i, before, last, row }: Rows): void {
  row[0] = i
  for (let j = 1; j <= b.length; j++) {
    const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1)
    // A letter too many, too few, or another.
    let least = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
    const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
    if (swapped) least = Math.min(least, (before[j - 2] ?? 0) + 1)
    row[j] = least
  }
}
