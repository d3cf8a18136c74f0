/** The phase that holds a document against the schema. */
import type { Diagnostic } from '../../diagnostic.ts'
import { adopt, type Findings, noFindings, report } from '../findings.ts'
import type { Node } from '../tree/node.ts'
import { hold } from './hold.ts'

export function checkSchema(root: Node, findings: Findings): void {
  refuseTimestamps(root, findings)
  hold(root, findings)
}

/** Only what no other document can make right: keys and names that mean nothing. */
export function checkKeys(root: Node, findings: Findings): void {
  const found = noFindings()
  hold(root, found)
  const isLasting = ({ code }: Diagnostic): boolean => code === 'unknown-key' || code === 'bad-name'
  adopt(findings, { errors: found.errors.filter(isLasting), warnings: [] })
}

/** An unquoted date would become a date's text in another form: nobody means that. */
function refuseTimestamps(node: Node, findings: Findings): void {
  if (node.kind === 'list') node.items.forEach((item) => void refuseTimestamps(item, findings))
  else if (node.kind === 'map') {
    node.entries.forEach(({ value }, key) => {
      if (!key.startsWith('x-')) refuseTimestamps(value, findings)
    })
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
