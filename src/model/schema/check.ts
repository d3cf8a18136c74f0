/** The phase that holds a document against the schema. */
import { type Findings, report } from '../findings.ts'
import type { Node } from '../tree/node.ts'
import { faultsOf } from './explain.ts'
import type { Schema } from './schema-of.ts'

export function checkSchema(root: Node, schema: Schema, findings: Findings): void {
  const before = findings.errors.length
  refuseTimestamps(root, findings)
  if (findings.errors.length > before) return
  for (const { code, message, hint, at } of faultsOf(root, schema)) report(findings, { code, message, hint, at })
}

/** An unquoted date would become a date's text in another form: nobody means that. */
function refuseTimestamps(node: Node, findings: Findings): void {
  if (node.kind === 'list') for (const item of node.items) refuseTimestamps(item, findings)
  else if (node.kind === 'map') {
    for (const [key, entry] of node.entries) if (!key.startsWith('x-')) refuseTimestamps(entry.value, findings)
  } else if (node.type === 'timestamp') {
    const written = node.at ? node.at.source.text.slice(node.at.start, node.at.end) : String(node.value)
    const message = `YAML reads ${written} as a date, where text is meant`
    report(findings, { code: 'wrong-type', message, hint: `write it in quotes: "${written}"`, at: node.at })
  }
}
