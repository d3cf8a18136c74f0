/** Items of a list that is sorted in its canonical form, each with what it was made of. */
import type { Node } from '../tree/node.ts'

export interface Line {
  readonly text: string
  readonly from: Node
}

export const sortLines = (lines: readonly Line[]): readonly Line[] =>
  [...lines].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
