/** The user's ends of an exec: pipes, or the terminal, which is raw meanwhile and afterwards as it was before, whatever happens. */
import { on } from 'node:events'
import { DriverError, type ExecStreams } from '../driver/driver.ts'
import type { Output } from './output.ts'

export interface Ends {
  readonly stdin: NodeJS.ReadStream
  readonly output: Output
  /** Whether the program is to have our input. */
  readonly interactive: boolean
  /** Whether the program runs already, and shall draw again what it has drawn before. */
  readonly redraw?: boolean
}

type Use<T> = (streams: ExecStreams) => Promise<T>

/** Everything passes as bytes. Input the program did not want does not keep us here. */
export async function withPipes<T>({ stdin, output, interactive }: Ends, use: Use<T>): Promise<T> {
  const over = new AbortController()
  try {
    const input = interactive ? { stdin: bytesOf(stdin, over.signal) } : {}
    return await use({ ...input, stdout: output.out, stderr: output.err })
  } finally {
    over.abort()
  }
}

/** Keys go to the container as they are typed, Ctrl-C too, and the terminal's size follows. */
export async function withRawTerminal<T>(ends: Ends, use: Use<T>): Promise<T> {
  const { stdin, redraw } = ends
  const passOutputThrough = await outputSwitch()
  const restore = (): void => {
    stdin.setRawMode(false)
  }
  let tellSize = (): void => {}
  const onSize = (): void => tellSize()
  const onResizer = (resize: (rows: number, columns: number) => void): void => {
    tellSize = () => {
      const { terminalSize } = knownSize()
      if (terminalSize) resize(terminalSize.rows, terminalSize.columns)
    }
    // A size that doesn't change is no reason for it to draw anything.
    if (redraw) resize(process.stdout.rows + 1 || 1, process.stdout.columns + 1 || 1)
    tellSize()
  }
  process.once('exit', restore)
  process.stdout.on('resize', onSize)
  stdin.setRawMode(true)
  passOutputThrough(process.stdin.fd)
  try {
    return await withPipes(ends, (streams) => use({ ...streams, ...knownSize(), onResizer }))
  } finally {
    restore()
    process.off('exit', restore)
    process.stdout.off('resize', onSize)
  }
}

/** Node leaves the terminal a line feed of its own for each that comes. Where the native part is missing, it stays so. */
async function outputSwitch(): Promise<(fd: number) => void> {
  const { loadNative } = await import('../runtime/native.ts')
  try {
    return loadNative(process.env).addon.passOutputThrough
  } catch (error) {
    if (error instanceof DriverError && error.code === 'native-missing') return () => {}
    throw error
  }
}

/** A terminal that was never told its size has none to pass on. */
export function knownSize(): Pick<ExecStreams, 'terminalSize'> {
  const { rows, columns } = process.stdout
  return rows > 0 && columns > 0 ? { terminalSize: { rows, columns } } : {}
}

/** What comes in, until nobody wants more. */
export async function* bytesOf(stdin: NodeJS.ReadStream, over: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    const options = { signal: over, close: ['end', 'close'], highWaterMark: 16, lowWaterMark: 8 }
    for await (const [bytes] of on(stdin, 'data', options)) yield bytes
  } catch (error) {
    if (!over.aborted) throw error
  } finally {
    stdin.pause()
    // A file as input has none.
    stdin.unref?.()
  }
}
