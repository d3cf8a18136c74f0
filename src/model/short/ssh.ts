/**
 * `build.ssh`: keys of an SSH agent by their ids; canonical is the sorted list of `ID=PATH` and `ID`.
 * https://github.com/compose-spec/compose-spec/blob/main/build.md#ssh
 */
import { sprint } from '../go-format.ts'
import type { Node } from '../tree/node.ts'
import { type Line, sortLines } from './line.ts'

export function sshLines(node: Node): readonly Line[] | undefined {
  if (node.kind !== 'map') return undefined
  const lines = [...node.entries].map(([id, { value }]) => ({
    text: value.kind === 'scalar' && value.value ? `${id}=${sprint(value)}` : id,
    from: value,
  }))
  return sortLines(lines)
}
