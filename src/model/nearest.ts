/** The name the user most likely meant. */

/** The candidate nearest to the word, if any is near enough to be a slip of the finger. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 0.5
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance)
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
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity
  let before: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(slip(a, b, { i, j, row, last }), swap(a, b, { i, j, before })))
    before = last
    last = row
  }
  return last[b.length] ?? Infinity
}

type Row = readonly number[]

/** The cost of a letter too many, too few, or another. */
function slip(a: string, b: string, { i, j, row, last }: { i: number; j: number; row: Row; last: Row }): number {
  const other = a[i - 1] === b[j - 1] ? 0 : 1
  return Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + other)
}

function swap(a: string, b: string, { i, j, before }: { i: number; j: number; before: Row }): number {
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
  return swapped ? (before[j - 2] ?? 0) + 1 : Infinity
}
