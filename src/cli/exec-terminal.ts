/** The user's terminal on behalf of a program in a container: raw while it runs, and as it was before afterwards, whatever happens. */
import type { ExecStreams } from '../driver/driver.ts'
import type { Output } from './output.ts'

export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly output: Output
}

/** Everything passes as bytes: pipes, or a terminal the container does not own. */
export function pipeStreams({ stdin, output }: Streams, interactive: boolean): ExecStreams {
  return { ...(interactive && { stdin }), stdout: output.out, stderr: output.err }
}

/** Runs `use` with the terminal in raw mode: keys go to the container, Ctrl-C too, and its size follows. */
export async function withRawTerminal<T>(
  { stdin, output }: Streams,
  use: (streams: ExecStreams) => Promise<T>,
): Promise<T> {
  const restore = (): void => {
    if (stdin.isTTY) stdin.setRawMode(false)
  }
  const forget = { resize: (): void => {} }
  const onResizer = (resize: (rows: number, columns: number) => void): void => {
    const tell = (): void => resize(process.stdout.rows, process.stdout.columns)
    process.on('SIGWINCH', tell)
    forget.resize = () => process.off('SIGWINCH', tell)
    tell()
  }
  process.once('exit', restore)
  if (stdin.isTTY) stdin.setRawMode(true)
  try {
    return await use({ stdin, stdout: output.out, stderr: output.err, onResizer })
  } finally {
    restore()
    process.off('exit', restore)
    forget.resize()
    stdin.pause()
    stdin.unref()
  }
}
