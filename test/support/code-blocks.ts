/** The TypeScript examples of a document. */
import { readFileSync } from 'node:fs'

export function codeBlocks(file: URL): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
}
