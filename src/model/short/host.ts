/**
 * `extra_hosts`: `host=ip`, `host:ip`, or a mapping to one or several addresses; canonical is the sorted list `host=ip`.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extra_hosts
 */
import { grow } from '../extent.ts'
import { type Findings, report } from '../findings.ts'
import { sprint } from '../go-format.ts'
import { about } from '../provenance.ts'
import type { Node } from '../tree/node.ts'
import { type Line, sortLines } from './line.ts'

export function hostLines(node: Node, findings: Findings): readonly Line[] | undefined {
  if (node.kind === 'scalar') return undefined
  if ((node.kind === 'map' ? node.entries.size : node.items.length) === 0) return undefined
  const pairs = node.kind === 'map' ? fromMap(node) : node.items.flatMap((item) => fromItem(item, findings))
  grow(findings, { values: pairs.length }, node.at)
  for (const { host, from } of pairs) {
    if (host === '' || /[:=]/.test(host))
      report(findings, {
        code: 'bad-host',
        message: `"${host}" is not a host name`,
        hint: 'write HOST=ADDRESS, such as db=10.0.0.5',
        ...about(from),
      })
  }
  return sortLines(
    pairs.map(({ host, address, from }) => ({ text: `${host}=${address.replace(/^\[(.+)\]$/s, '$1')}`, from })),
  )
}

interface Pair {
  readonly host: string
  readonly address: string
  readonly from: Node
}

function fromMap(node: Node & { kind: 'map' }): readonly Pair[] {
  return [...node.entries].flatMap(([host, { value }]) => {
    const addresses = value.kind === 'list' ? value.items : [value]
    return addresses.map((one) => ({
      host,
      address: one.kind === 'scalar' && one.value !== null ? sprint(one) : '',
      from: one,
    }))
  })
}

function fromItem(item: Node, findings: Findings): readonly Pair[] {
  const written = item.kind === 'scalar' ? sprint(item) : ''
  const separator = written.includes('=') ? '=' : ':'
  const at = written.indexOf(separator)
  if (at < 0) {
    report(findings, {
      code: 'bad-host',
      message: `"${written}" has no address`,
      hint: 'write HOST=ADDRESS, such as db=10.0.0.5',
      ...about(item),
    })
    return []
  }
  const host = written.slice(0, at)
  return written
    .slice(at + 1)
    .split(',')
    .map((address) => ({ host, address, from: item }))
}
