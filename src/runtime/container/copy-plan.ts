/** Where a copy ends and what it is called there, by the rules of `docker cp`. Pure; paths are absolute. */
import { posix } from 'node:path'
import { DriverError } from '../../driver/driver.ts'

export type FileKind = 'directory' | 'file' | 'link' | 'other'

export interface CopySource {
  readonly path: string
  readonly kind: FileKind
}

export interface CopyTarget {
  readonly path: string
  /** Behind links; undefined when nothing is there. */
  readonly kind: FileKind | undefined
}

export interface CopyPlan {
  /** The name of what is copied; `.` for the content of a directory. */
  readonly name: string
  /** What it is put into. */
  readonly directory: string
}

export function planCopy(source: CopySource, target: CopyTarget): CopyPlan {
  refuseContradictions(source, target)
  if (target.kind !== 'directory') return { name: posix.basename(target.path), directory: posix.dirname(target.path) }
  return { name: archiveName(source.path), directory: target.path }
}

/** The last part of a path. */
export function archiveName(path: string): string {
  return meansContent(path) ? '.' : posix.basename(path) || '.'
}

function refuseContradictions(source: CopySource, target: CopyTarget): void {
  const isDirectory = source.kind === 'directory'
  if (!isDirectory && asksForDirectory(source.path)) throw refused(`"${source.path}" is not a directory`)
  if (target.kind === 'directory') return
  if (asksForDirectory(target.path) && !(isDirectory && target.kind === undefined))
    throw refused(`there is no directory "${target.path}"`)
  if (isDirectory && target.kind !== undefined)
    throw refused(`the directory "${source.path}" can't be copied over the file "${target.path}"`)
}

function refused(message: string): DriverError {
  return new DriverError('refused', message)
}

function meansContent(path: string): boolean {
  return path.endsWith('/.')
}

function asksForDirectory(path: string): boolean {
  return path.endsWith('/') || meansContent(path)
}
