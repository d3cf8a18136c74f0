/** A line from the person at the terminal; a secret one is not shown while it is written. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Output } from './output.ts'

export async function askText(question: string, output: Output, signal: AbortSignal): Promise<string> {
  output.err(question)
  return (await readLine({ input: process.stdin }, signal)).trim()
}

export async function askSecret(question: string, output: Output, signal: AbortSignal): Promise<string> {
  output.err(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    return await readLine({ input: process.stdin, output: nowhere, terminal: true }, signal)
  } finally {
    output.err('\n')
  }
}

async function readLine(options: Parameters<typeof createInterface>[0], signal: AbortSignal): Promise<string> {
  const lines = createInterface(options as never)
  // A terminal in raw mode sends no signal for Ctrl-C: the line editor sees it.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await lines.question('', { signal })
  } finally {
    lines.close()
  }
}
