/** What is remembered on a label of a text that is too long for one, or nobody's business. */
import { createHash } from 'node:crypto'

/** Eight digits: enough to see that a text is another one. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
