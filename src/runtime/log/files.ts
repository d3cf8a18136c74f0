/** The files of one log: `log.json`, and the rotated ones, `log.json.1` being the youngest of them. */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, listNames } from '../state/record-file.ts'

export const LOG_FILE = 'log.json'

/** A part of the log that stays the same file, whatever it is called by now. */
export interface Segment {
  readonly file: FileHandle
  readonly inode: number
}

/** Every segment, oldest first. The caller closes them. */
export async function openSegments(directory: string): Promise<Segment[]> {
  const segments: Segment[] = []
  for (const name of segmentNames(directory)) {
    const segment = await openSegment(join(directory, name))
    // Rotated while we were opening: the same file under its next name.
    if (segment === undefined) continue
    if (segments.some(({ inode }) => inode === segment.inode)) await segment.file.close()
    else segments.push(segment)
  }
  return segments
}

/** The segments written after this one, oldest first. All of them when this one was thrown away meanwhile. */
export async function openLaterSegments(directory: string, current: Segment): Promise<Segment[]> {
  const youngest = await stat(join(directory, LOG_FILE)).catch(unlessMissing)
  if (youngest === undefined || youngest.ino === current.inode) return []
  const segments = await openSegments(directory)
  const index = segments.findIndex(({ inode }) => inode === current.inode)
  await closeSegments(segments.slice(0, index + 1))
  return segments.slice(index + 1)
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

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
