/** Follows the journal of events: what is there, and what is still to come. Nothing is polled. */
import { watch } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { type ContainerEvent, type EventOptions, LABEL } from '../../driver/driver.ts'
import { readContainer } from '../container/record.ts'
import { makeBell } from '../log/bell.ts'
import { millisecondsAsNanos } from '../log/entry.ts'
import { readLinesFrom } from '../log/lines.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import type { StatePaths } from '../state/paths.ts'
import { isMissing } from '../state/record-file.ts'
import { type EventLine, type EventSubject, readEventLine } from './journal.ts'

/** In order of writing, from `sinceMs` (now, when it is absent) to `untilMs` (for ever). */
export async function* readEvents(
  runtime: Runtime,
  { projectName, sinceMs, untilMs }: EventOptions & { readonly projectName: string },
  signal: AbortSignal,
): AsyncGenerator<ContainerEvent> {
  prepareDirectories(runtime)
  // Our own entries know their time to the millisecond: one that was just made belongs to the past.
  const since = millisecondsAsNanos(sinceMs ?? Date.now() + 1)
  const until = untilMs === undefined ? undefined : millisecondsAsNanos(untilMs)
  const whose = openSubjects(runtime.paths)
  for await (const line of linesUntil(runtime.paths, untilMs, signal)) {
    const subject = whose(line)
    const timeNs = BigInt(line.timeNs)
    if (until !== undefined && timeNs > until) return
    if (timeNs < since || subject?.labels[LABEL.project] !== projectName) continue
    yield { timeNs, containerId: line.containerId, action: line.action, attributes: line.attributes, ...subject }
  }
}

async function* linesUntil(
  paths: StatePaths,
  untilMs: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<EventLine> {
  const over = new AbortController()
  const end = (): void => over.abort()
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  const timer =
    untilMs === undefined ? undefined : setTimeout(end, Math.min(Math.max(untilMs - Date.now(), 0), MAX_TIMER_MS))
  try {
    for await (const text of journalLines(paths.eventsFile, over.signal)) {
      const line = readEventLine(text)
      if (line !== undefined) yield line
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1

/** The older file, then the present one, and after that whatever takes its name. */
async function* journalLines(path: string, signal: AbortSignal): AsyncGenerator<string> {
  const bell = makeBell()
  const name = basename(path)
  const watcher = watch(dirname(path), (_event, changed) => {
    if (changed === null || changed === name) bell.ring()
  })
  signal.addEventListener('abort', bell.ring)
  let current: OpenJournal | undefined
  try {
    current = await openJournal(`${path}.1`)
    if (current !== undefined) yield* current.lines()
    for (;;) {
      // Asked before reading: what was written before the end is still read.
      const isOver = signal.aborted
      current = await follow(path, current)
      if (current !== undefined) yield* current.lines()
      if (isOver) return
      await bell.heard()
      // What came between our last look and the rotation.
      if (current !== undefined) yield* current.lines()
    }
  } finally {
    watcher.close()
    signal.removeEventListener('abort', bell.ring)
    await current?.file.close()
  }
}

interface OpenJournal {
  readonly file: FileHandle
  readonly inode: number
  readonly lines: () => AsyncGenerator<string>
}

/** The same file as long as it has the name. */
async function follow(path: string, current: OpenJournal | undefined): Promise<OpenJournal | undefined> {
  const found = await stat(path).catch(unlessMissing)
  if (found === undefined || found.ino === current?.inode) return current
  await current?.file.close()
  return openJournal(path)
}

async function openJournal(path: string): Promise<OpenJournal | undefined> {
  const file = await open(path, 'r').catch(unlessMissing)
  return file === undefined ? undefined : { file, inode: (await file.stat()).ino, ...readLinesFrom(file, 0) }
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

/** Lines tell whose they are only at the beginning and the end of a container's life; its record tells in between. */
function openSubjects(paths: StatePaths): (line: EventLine) => EventSubject | undefined {
  const known = new Map<string, EventSubject>()
  const look = (containerId: string): EventSubject | undefined => {
    const record = readIfWhole(paths, containerId)
    if (record === undefined) return undefined
    const { containerName, image, labels } = record
    return { containerName, image, labels }
  }
  return ({ containerId, container }) => {
    const subject = container ?? known.get(containerId) ?? look(containerId)
    if (subject !== undefined) known.set(containerId, subject)
    return subject
  }
}

function readIfWhole(paths: StatePaths, containerId: string): EventSubject | undefined {
  try {
    return readContainer(paths, containerId)
  } catch {
    // Damaged: it says nothing of whose it was.
    return undefined
  }
}
