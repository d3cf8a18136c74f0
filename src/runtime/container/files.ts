/** Files of a container or of this machine, by way of `tscompose-files` (native/files), which asks the kernel to keep a container's paths inside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { DriverError, type DriverErrorCode, type FileChange } from '../../driver/driver.ts'
import { refusalOf } from '../native-error.ts'
import { throwIfCancelled } from '../state/lock.ts'
import type { FileKind } from './copy-plan.ts'

/** A container's directory, and its first process; 0 while it does not run. */
export interface Whose {
  readonly directory: string
  readonly pid: number
}

export interface FilePlace {
  /** Absent for files of this machine. */
  readonly container?: Whose
  readonly path: string
}

export type FileRequest =
  | { readonly op: 'stat'; readonly at: FilePlace; readonly follow: boolean }
  | { readonly op: 'changes'; readonly directory: string }
  | { readonly op: 'export'; readonly container: Whose }
  | { readonly op: 'layer'; readonly directory: string }
  /** The topmost first. */
  | { readonly op: 'layers'; readonly layers: readonly string[]; readonly scratch: string }
  | { readonly op: 'pack'; readonly at: FilePlace; readonly follow: boolean; readonly name: string }
  | { readonly op: 'unpack'; readonly at: FilePlace; readonly owners: FileOwners }
  | {
      readonly op: 'copy'
      readonly from: FilePlace
      readonly follow: boolean
      readonly name: string
      readonly to: FilePlace
      readonly owners: FileOwners
    }

/** Whose the files become: as the archive says, or the caller's. */
export type FileOwners = 'archive' | 'caller'

export interface FoundFile {
  readonly kind: FileKind
  /** Where a link points. */
  readonly target?: string
}

/** The program that does it, and what ends it early. */
export interface FileHand {
  readonly program: string
  readonly signal: AbortSignal
}

/** Undefined when nothing is there. */
export async function lookAt(hand: FileHand, at: FilePlace, follow: boolean): Promise<FoundFile | undefined> {
  return (await askFor<FoundFile | null>(hand, { op: 'stat', at, follow })) ?? undefined
}

/** What the container in this directory has changed, in the order of the paths. */
export function listChanges(hand: FileHand, directory: string): Promise<readonly FileChange[]> {
  return askFor(hand, { op: 'changes', directory })
}

async function askFor<T>(hand: FileHand, request: FileRequest): Promise<T> {
  const pieces: Uint8Array[] = []
  await packTo(hand, request, (data) => pieces.push(data))
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as T
}

/** Gives what it writes to `take`. */
export async function packTo(hand: FileHand, request: FileRequest, take: (data: Uint8Array) => void): Promise<void> {
  const { child, ended } = begin(hand, request)
  child.stdin?.end()
  try {
    for await (const data of child.stdout ?? []) take(data as Uint8Array)
  } finally {
    // Whoever takes nothing more is not waited for.
    child.stdout?.destroy()
    await ended
  }
}

/** Gives it what it reads. */
export async function unpackFrom(
  hand: FileHand,
  request: FileRequest,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { child, ended } = begin(hand, request)
  const input = archive[Symbol.asyncIterator]()
  const over = ended.finally(() => void input.return?.())
  await Promise.all([over, feed(child, input)])
}

export async function copyFiles(hand: FileHand, request: FileRequest): Promise<void> {
  await packTo(hand, request, () => {})
}

async function feed({ stdin }: ChildProcess, input: AsyncIterator<Uint8Array>): Promise<void> {
  if (stdin === null) return
  // It has ended early: why, it says itself.
  stdin.on('error', () => {})
  for (let next = await input.next(); !next.done && !stdin.destroyed; next = await input.next()) {
    if (!stdin.write(next.value)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]).catch(() => {})
  }
  stdin.end()
}

function begin(
  { program, signal }: FileHand,
  request: FileRequest,
): {
  readonly child: ChildProcess
  readonly ended: Promise<void>
} {
  throwIfCancelled(signal)
  const child = spawn(program, [JSON.stringify(request)], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
  })
  const complaint: Uint8Array[] = []
  child.stderr?.on('data', (data: Uint8Array) => complaint.push(data))
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(signal.aborted ? cancelled(cause) : notStarted(program, cause)))
    child.once('close', (code) => (code === 0 ? resolve() : reject(refusal(Buffer.concat(complaint).toString('utf8')))))
  })
  // What fails while nobody waits yet is heard later.
  ended.catch(() => {})
  return { child, ended }
}

function refusal(text: string): DriverError {
  const line = text.trim().split('\n').pop() ?? ''
  if (!line.startsWith('{')) return new DriverError('refused', `the copy broke off${line === '' ? '' : `: ${line}`}`)
  return refusalOf(JSON.parse(line) as { readonly code: DriverErrorCode; readonly message: string })
}

function cancelled(cause: Error): DriverError {
  return new DriverError('cancelled', 'cancelled', { cause })
}

function notStarted(program: string, cause: Error): DriverError {
  return new DriverError('native-missing', `"${program}" can't be started: ${cause.message}`, { cause })
}
