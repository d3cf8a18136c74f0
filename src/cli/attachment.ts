/** The user's ends of a container's first program: keys that leave it alone, signals that are the program's. */
import type { ExecStreams } from '../driver/driver.ts'
import { untilDetached } from './detach-keys.ts'
import { withPipes, withRawTerminal } from './exec-terminal.ts'
import { isTerminal, type Output } from './output.ts'

export interface Attachment {
  readonly output: Output
  /** What leaves the program alone. */
  readonly keys: Uint8Array
  /** Whether the program has our input. */
  readonly stdin: boolean
  /** Whether the program is at a terminal. */
  readonly tty: boolean
  /** Whether it runs already, and shall draw again what it has drawn before. */
  readonly redraw: boolean
  /** Whether our signals are the program's; otherwise `signal` ends the attachment. */
  readonly passesSignals: boolean
  readonly signal: AbortSignal
}

type Use = (streams: ExecStreams, signal: AbortSignal) => Promise<number>

/** Returns the exit code; undefined when the user has left. */
export async function attached(attachment: Attachment, use: Use): Promise<number | undefined> {
  const { output, keys, stdin, tty, redraw, passesSignals } = attachment
  const left = new AbortController()
  const withStreams = stdin && tty && isTerminal(0) ? withRawTerminal : withPipes
  const passing = passesSignals ? passSignals() : undefined
  const signal = AbortSignal.any([left.signal, ...(passing ? [] : [attachment.signal])])
  try {
    return await withStreams({ stdin: process.stdin, output, interactive: stdin, redraw }, (streams) => {
      const input = streams.stdin && {
        stdin: tty ? untilDetached(streams.stdin, keys, () => left.abort()) : streams.stdin,
      }
      return use({ ...streams, ...input, ...(passing && { onSignaller: passing.onSignaller }) }, signal)
    })
  } catch (error) {
    if (!left.signal.aborted) throw error
    return undefined
  } finally {
    passing?.release()
  }
}

/** Those that people send to what they look at; the others are the operating system's. */
const PASSED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** From now on they are the container's. */
function passSignals() {
  let send: ((name: string) => void) | undefined
  const pass = (name: string): void => send?.(name)
  for (const name of PASSED) process.on(name, pass)
  return {
    onSignaller: (sender: (name: string) => void): void => {
      send = sender
    },
    release: (): void => {
      for (const name of PASSED) process.off(name, pass)
    },
  }
}
