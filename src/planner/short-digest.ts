/** What is remembered on a label of a text that is too long for one, or nobody's business. */
import { sha256 } from '../digests.ts'

/** Eight digits: enough to see that a text is another one. */
export function shortDigest(text: string): string {
  return sha256(text).slice(0, 8)
}
