/** A container's log, entry by entry: what is there, and on request what is still to come. */
import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { LogEntry, LogOptions } from '../../driver/driver.ts'
import { requireContainer } from '../container/record.ts'
import { isUp } from '../container/state.ts'
import { watchStates } from '../container/watch.ts'
import type { Runtime } from '../runtime.ts'
import { underLock } from '../state/lock.ts'
import { containerDir, type StatePaths } from '../state/paths.ts'
import { type Bell, makeBell } from './bell.ts'
import { millisecondsAsNanos, readEntry } from './entry.ts'
import { closeSegments, LOG_FILE, LOG_LOCK, openLaterSegments, openSegments, type Segment } from './files.ts'
import { readLinesFrom } from './lines.ts'
import { findTail } from './tail.ts'

export interface LogRequest {
  readonly containerId: string
  readonly options: LogOptions
}

/** In order of writing. With `follow` it ends when the container has stopped for good or is gone. */
export async function* readLogs(
  runtime: Runtime,
  { containerId, options }: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  requireContainer(runtime.paths, containerId)
  const sinceNs = options.sinceMs === undefined ? undefined : millisecondsAsNanos(options.sinceMs)
  const untilNs = options.untilMs === undefined ? undefined : millisecondsAsNanos(options.untilMs)
  for await (const line of logLines(runtime, { containerId, options }, signal)) {
    const entry = readEntry(line)
    if (entry === undefined || (sinceNs !== undefined && entry.timeNs < sinceNs)) continue
    if (untilNs !== undefined && entry.timeNs > untilNs) return
    yield entry
  }
}

async function* logLines(
  runtime: Runtime,
  { containerId, options }: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { paths } = runtime
  const directory = containerDir(paths, containerId)
  // The watch begins before the first read, so that nothing falls between them.
  const growth = options.follow ? watchGrowth(paths, containerId, signal) : undefined
  const reading: Reading = { runtime, directory, open: [], signal }
  try {
    yield* linesThere(reading, options.tail)
    if (growth !== undefined) yield* linesToCome(reading, growth)
  } finally {
    growth?.stop()
    await closeSegments(reading.open.map(({ segment }) => segment))
  }
}

/** What is open: the segment that is read, and those behind it. A reader may leave at any line. */
interface Reading {
  readonly runtime: Runtime
  readonly directory: string
  readonly signal: AbortSignal
  open: readonly OpenSegment[]
}

interface OpenSegment {
  readonly segment: Segment
  readonly lines: () => AsyncGenerator<string>
}

async function* linesThere(reading: Reading, tail: number | undefined): AsyncGenerator<string> {
  const segments = await whileNamesStay(reading, () => openSegments(reading.directory))
  reading.open = segments.map((segment) => openSegment(segment, 0))
  const start = tail === undefined ? { segment: 0, offset: 0 } : await findTail(segments, tail)
  await closeSegments(segments.slice(0, start.segment))
  reading.open = segments
    .slice(start.segment)
    .map((segment, index) => openSegment(segment, index === 0 ? start.offset : 0))
  yield* linesOfAll(reading)
}

function openSegment(segment: Segment, offset: number): OpenSegment {
  return { segment, lines: readLinesFrom(segment.file, offset).lines }
}

/** Reads one after the other; the youngest stays open. */
async function* linesOfAll(reading: Reading): AsyncGenerator<string> {
  for (let [current, ...later] = reading.open; current !== undefined; [current, ...later] = reading.open) {
    yield* current.lines()
    if (later.length === 0 || reading.signal.aborted) return
    reading.open = later
    await current.segment.file.close()
  }
}

interface Growth {
  readonly bell: Bell
  /** The container has stopped for good, or is gone. */
  readonly isOver: () => boolean
  readonly stop: () => void
}

async function* linesToCome(reading: Reading, growth: Growth): AsyncGenerator<string> {
  for (;;) {
    // Asked before reading: whatever was written before the end is still read.
    const over = growth.isOver() || reading.signal.aborted
    yield* linesOfAll(reading)
    reading.open = [...reading.open, ...(await laterSegments(reading)).map((segment) => openSegment(segment, 0))]
    // Again from the one before: its last lines were written between our last look and its rotation.
    yield* linesOfAll(reading)
    if (over) return
    await growth.bell.heard()
  }
}

function laterSegments(reading: Reading): Promise<Segment[]> {
  const { directory, open } = reading
  const youngest = open.at(-1)
  return whileNamesStay(reading, () =>
    youngest === undefined ? openSegments(directory) : openLaterSegments(directory, youngest.segment),
  )
}

/** Of a container that is gone nothing is there; one that goes meanwhile takes the lock along. */
async function whileNamesStay(
  { runtime, directory, signal }: Reading,
  work: () => Promise<Segment[]>,
): Promise<Segment[]> {
  if (signal.aborted) return []
  try {
    const lock = { path: join(directory, LOG_LOCK), mode: 'shared', signal } as const
    return await underLock(runtime.native().addon, lock, work)
  } catch (error) {
    if (signal.aborted || !existsSync(directory)) return []
    throw error
  }
}

/** Rings when the log grows, is rotated, or comes to its end. */
function watchGrowth(paths: StatePaths, containerId: string, signal: AbortSignal): Growth {
  const bell = makeBell()
  const ended = new AbortController()
  let over = false
  const watcher = watch(containerDir(paths, containerId), (_event, name) => {
    if (name === null || name.startsWith(LOG_FILE)) bell.ring()
  })
  watcher.on('error', () => bell.ring())
  const listening = listen(paths, { containerId, signal: AbortSignal.any([signal, ended.signal]) }, () => {
    over = true
    bell.ring()
  })
  listening.catch(() => {})
  signal.addEventListener('abort', bell.ring)
  const stop = (): void => {
    watcher.close()
    signal.removeEventListener('abort', bell.ring)
    ended.abort()
  }
  return { bell, isOver: () => over, stop }
}

/** A container that was never started has not ended. */
async function listen(
  paths: StatePaths,
  { containerId, signal }: { readonly containerId: string; readonly signal: AbortSignal },
  onEnd: () => void,
): Promise<void> {
  try {
    for await (const state of watchStates(paths, containerId, signal)) {
      if (!isUp(state) && state.status !== 'created') return
    }
  } finally {
    onEnd()
  }
}
