/** The files of one log: `log.json`, and the rotated ones, `log.json.1` being the youngest of them. */
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, listNames } from '../state/record-file.ts'

export const LOG_FILE = 'log.json'

/** A part of the log that stays the same file, whatever it is called by now. */
export interface Segment {
  readonly file: FileHandle
  readonly inode: number
}

/** Held by whoever looks segments up, shared, and by the monitor while it renames them. */
export const LOG_LOCK = 'log.lock'

/** Every segment, oldest first. The caller closes them. */
export async function openSegments(directory: string): Promise<Segment[]> {
  const segments = await Promise.all(segmentNames(directory).map((name) => openSegment(join(directory, name))))
  return segments.filter((segment) => segment !== undefined)
}

/** The segments written after this one, oldest first. All of them when this one was thrown away meanwhile. */
export async function openLaterSegments(directory: string, current: Segment): Promise<Segment[]> {
  const later: Segment[] = []
  for (const name of segmentNames(directory).reverse()) {
    const segment = await openSegment(join(directory, name))
    if (segment?.inode === current.inode) {
      await segment.file.close()
      break
    }
    if (segment !== undefined) later.push(segment)
  }
  return later.reverse()
}

export async function closeSegments(segments: readonly Segment[]): Promise<void> {
  await Promise.all(segments.map(({ file }) => file.close()))
}

function segmentNames(directory: string): string[] {
  const names = listNames(directory).filter((name) => /^log[.]json([.]\d+)?$/.test(name))
  return names.sort((a, b) => ageOf(b) - ageOf(a))
}

function ageOf(name: string): number {
  return name === LOG_FILE ? 0 : Number(name.slice(LOG_FILE.length + 1))
}

async function openSegment(path: string): Promise<Segment | undefined> {
  try {
    const file = await open(path, 'r')
    return { file, inode: (await file.stat()).ino }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
