/** The phase that holds a document against the schema. The compiled validator gives the verdict; explain.ts says what is wrong, and where. */
import type { Diagnostic } from '../../diagnostic.ts'
import { adopt, type Findings, noFindings, report } from '../findings.ts'
import { type MapNode, map, type Node } from '../tree/node.ts'
import { explain } from './explain.ts'
import { validate } from './validate.js'

export function checkSchema(root: Node, findings: Findings): void {
  const before = findings.errors.length
  const seen = { timestamp: false }
  const plain = toChecked(root.kind === 'map' ? withoutExtensions(root) : root, seen)
  if (seen.timestamp) refuseTimestamps(root, findings)
  if (validate(plain)) return
  explain(root, findings)
  if (findings.errors.length === before) {
    report(findings, {
      code: 'schema',
      message: 'this is not what the Compose Specification allows',
      hint: 'compare it with the specification: https://github.com/compose-spec/compose-spec',
      at: root.at,
    })
  }
}

/** Only what no other document can make right: keys and names that mean nothing. */
export function checkKeys(root: Node, findings: Findings): void {
  const found = noFindings()
  explain(root, found)
  const isLasting = ({ code }: Diagnostic): boolean => code === 'unknown-key' || code === 'bad-name'
  adopt(findings, { errors: found.errors.filter(isLasting), warnings: [] })
}

/** Nothing is asked of what top-level `x-` keys hold, and anchors often make it large. */
const withoutExtensions = ({ entries, at }: MapNode): MapNode =>
  map(new Map([...entries].filter(([key]) => !key.startsWith('x-'))), at)

/** Plain values as the validator wants them: a big integer is a number too. */
function toChecked(node: Node, seen: { timestamp: boolean }): unknown {
  switch (node.kind) {
    case 'scalar':
      if (node.type === 'timestamp') seen.timestamp = true
      return typeof node.value === 'bigint' ? Number(node.value) : node.value
    case 'list':
      return node.items.map((item) => toChecked(item, seen))
    case 'map':
      return mappingToCheck(node, seen)
  }
}

/** Plain objects are three times as fast to make and to look into as those without prototype; only one name needs care. */
function mappingToCheck({ entries }: MapNode, seen: { timestamp: boolean }): unknown {
  const result: Record<string, unknown> = entries.has('__proto__') ? Object.create(null) : {}
  entries.forEach(({ value }, key) => {
    result[key] = toChecked(value, seen)
  })
  return result
}

/** An unquoted date would become a date's text in another form: nobody means that. */
function refuseTimestamps(node: Node, findings: Findings): void {
  if (node.kind === 'list') for (const item of node.items) refuseTimestamps(item, findings)
  else if (node.kind === 'map') {
    for (const [key, entry] of node.entries) if (!key.startsWith('x-')) refuseTimestamps(entry.value, findings)
  } else if (node.type === 'timestamp') {
    const written = node.at ? node.at.source.text.slice(node.at.start, node.at.end) : String(node.value)
    report(findings, {
      code: 'wrong-type',
      message: `YAML reads ${written} as a date, where text is meant`,
      hint: `write it in quotes: "${written}"`,
      at: node.at,
    })
  }
}
