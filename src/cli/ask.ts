/** One question to the person at the terminal. Without one, the answer is no. */
import { escapeLines } from '../view/paint.ts'
import { isTerminal, type Output } from './output.ts'

export async function ask(question: string, output: Output): Promise<boolean> {
  if (!isTerminal(0)) return false
  output.err(escapeLines(question))
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin })
  try {
    return /^y(es)?$/i.test((await lines.question('')).trim())
  } finally {
    lines.close()
  }
}
