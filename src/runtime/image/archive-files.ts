/** The files of an unpacked archive of images. What is in it is untrusted: no path and no link leads out of its directory. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { DriverError } from '../../driver/driver.ts'
import type { TypedDocument } from './add.ts'
import type { Compression, Platform } from './document.ts'
import { platformText } from './platform.ts'

export interface ArchivedLayer {
  readonly path: string
  /** Verified when the archive tells them. */
  readonly digest?: string
  readonly size?: number
  readonly compression?: Compression
}

/** One image in an unpacked archive; paths are inside it and not yet verified. */
export interface ArchivedImage {
  readonly configPath: string
  /** Verified against the file when the archive tells it. */
  readonly configDigest?: string
  readonly layers: readonly ArchivedLayer[]
  /** Full names. */
  readonly references: readonly string[]
  /** What an OCI layout tells besides. */
  readonly kept?: KeptDocuments
}

/** Documents that are kept as they came, so that the image has the digest it had. */
export interface KeptDocuments {
  readonly manifest: TypedDocument
  /** Around it, the outermost first. */
  readonly indexes: readonly TypedDocument[]
  /** Blobs of the index's other images, as far as the archive has them. */
  readonly otherDigests: readonly string[]
}

/** The files of an unpacked archive; links in it can't lead out. */
export interface ArchiveFiles {
  readonly has: (path: string) => boolean
  readonly locate: (path: string) => string
  readonly readText: (path: string, maxBytes: number) => string
}

export function openArchive(directory: string): ArchiveFiles {
  const root = realpathSync(directory)
  const locate = (path: string): string => {
    const full = join(root, path)
    const real = existsSync(full) ? realpathSync(full) : undefined
    if (real === undefined) throw damaged(`"${path}" is missing`)
    if (!real.startsWith(root + sep) || !statSync(real).isFile()) throw damaged(`"${path}" is not a file in it`)
    return real
  }
  return {
    has: (path) => existsSync(join(root, path)),
    locate,
    readText: (path, maxBytes) => {
      const real = locate(path)
      if (statSync(real).size > maxBytes) throw damaged(`"${path}" is larger than ${maxBytes} bytes`)
      return readFileSync(real, 'utf8')
    },
  }
}

export function damaged(why: string): DriverError {
  return new DriverError('refused', `the archive is damaged: ${why}`)
}

export function noImageFor(platform: Platform): DriverError {
  return new DriverError('image-not-found', `the archive has no image for ${platformText(platform)}`, {
    hint: 'leave out --platform to load what it has',
  })
}
