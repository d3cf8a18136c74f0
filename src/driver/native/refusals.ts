/** What the operating system refuses while we read and write our files, in the words of a driver. */
import { DriverError } from '../driver.ts'

type Methods = Readonly<Record<string, (...values: never[]) => Promise<unknown>>>

/** The same methods; what they throw is a `DriverError`, or a mistake of ours. */
export function failingWithDriverErrors<T extends Methods>(methods: T): T {
  const guarded = Object.entries(methods).map(([name, method]) => {
    const call = (...values: never[]): Promise<unknown> =>
      method(...values).catch((error: unknown) => Promise.reject(asDriverError(error)))
    return [name, call]
  })
  return Object.fromEntries(guarded) as T
}

export async function* iteratingWithDriverErrors<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    throw asDriverError(error)
  }
}

export function asDriverError(error: unknown): unknown {
  if (error instanceof DriverError || !isSystemError(error)) return error
  const subject = error.path === undefined ? '' : ` "${error.path}"`
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new DriverError('permission-denied', `no permission to ${error.syscall}${subject}`, {
      hint: 'run as the user who made it, or set TSCOMPOSE_DATA_DIR and TSCOMPOSE_RUN_DIR to directories of your own',
      cause: error,
    })
  }
  return new DriverError('refused', `can't ${error.syscall}${subject}: ${REASONS[error.code ?? ''] ?? error.code}`, {
    cause: error,
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files; raise "ulimit -n"',
  EIO: 'the device reports an input/output error',
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}
