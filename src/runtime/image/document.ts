/** The documents of an image as the OCI image specification and Docker write them, and how untrusted ones are read. Pure. */
import { DriverError } from '../../driver/driver.ts'
import type { ImageConfig } from '../container/spec/image.ts'

export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const

export type Compression = 'none' | 'gzip' | 'zstd'

/** Larger documents are refused unread. */
export const MAX_BYTES = { manifest: 4 << 20, config: 8 << 20 } as const

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
}

export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

export interface Index {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly manifests: readonly Descriptor[]
}

export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

/** The image configuration: its sha256 is the image's id. */
export interface ImageDocument {
  readonly created?: string
  readonly author?: string
  readonly comment?: string
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly config?: ImageConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] }
  readonly history?: readonly HistoryEntry[]
}

const DIGEST = /^sha256:[a-f0-9]{64}$/

/** The file name for a digest; whatever is not one never becomes a path. */
export function hexOf(digest: string): string {
  if (!DIGEST.test(digest)) throw broken(`"${digest}" is not a sha256 digest`)
  return digest.slice('sha256:'.length)
}

export function layerMediaType(compression: Compression): string {
  const base = 'application/vnd.oci.image.layer.v1.tar'
  return compression === 'none' ? base : `${base}+${compression}`
}

/** What a layer's media type says of its compression; undefined when it says nothing that we know. */
export function compressionOf(mediaType: string): Compression | undefined {
  if (/[.+]gzip$/.test(mediaType)) return 'gzip'
  if (/[.+]zstd$/.test(mediaType)) return 'zstd'
  return /\.tar$/.test(mediaType) ? 'none' : undefined
}

/** 0, as in Docker's year 1, when the image does not tell. */
export function createdAtMs({ created }: ImageDocument): number {
  const time = Date.parse(created ?? '')
  return Number.isNaN(time) ? 0 : time
}

/** One document must not be valid as two things: what reads it next would see another image. */
export function parseManifest(text: string): Manifest {
  const value = parse(text, 'manifest')
  if ('manifests' in value) throw broken('its manifest is an index as well')
  if (!isDescriptor(value.config) || !isList(value.layers) || !value.layers.every(isDescriptor)) {
    throw broken('its manifest has no config or no layers')
  }
  return value as unknown as Manifest
}

export function parseIndex(text: string): Index {
  const value = parse(text, 'index')
  if ('config' in value || 'layers' in value) throw broken('its index is a manifest as well')
  if (!isList(value.manifests) || !value.manifests.every(isDescriptor)) throw broken('its index has no manifests')
  return value as unknown as Index
}

export function parseImageDocument(text: string): ImageDocument {
  const value = parse(text, 'configuration')
  const { rootfs, config, history } = value
  const diffIds = isObject(rootfs) ? rootfs.diff_ids : undefined
  if (!isList(diffIds) || !diffIds.every((id) => typeof id === 'string' && DIGEST.test(id))) {
    throw broken('its configuration names no layers')
  }
  if (typeof value.os !== 'string' || typeof value.architecture !== 'string') {
    throw broken('its configuration names no platform')
  }
  if (config !== undefined && config !== null) checkConfig(config)
  if (history !== undefined && history !== null && !(isList(history) && history.every(isObject))) {
    throw broken('its history is not a list')
  }
  return value as unknown as ImageDocument
}

/** The types of what containers are made from; unknown fields are nobody's business. */
function checkConfig(config: unknown): void {
  if (!isObject(config)) throw broken('its "config" is not an object')
  const check = (keys: readonly string[], fits: (value: unknown) => boolean): void => {
    for (const key of keys) {
      const value = config[key]
      if (value !== undefined && value !== null && !fits(value)) throw broken(`its "config.${key}" has a wrong type`)
    }
  }
  check(['User', 'WorkingDir', 'StopSignal'], isText)
  check(['Env', 'Entrypoint', 'Cmd'], (value) => isList(value) && value.every(isText))
  check(['ExposedPorts', 'Volumes', 'Healthcheck'], isObject)
  check(['Labels'], (value) => isObject(value) && Object.values(value).every(isText))
}

function parse(text: string, what: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new DriverError('refused', `the image is damaged: its ${what} is not JSON`, { cause })
  }
  if (!isObject(value)) throw broken(`its ${what} is not an object`)
  return value
}

function isDescriptor(value: unknown): boolean {
  if (!isObject(value)) return false
  const { digest, size, mediaType } = value
  return (
    isText(digest) && DIGEST.test(digest) && isText(mediaType) && Number.isSafeInteger(size) && (size as number) >= 0
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function broken(why: string): DriverError {
  return new DriverError('refused', `the image is damaged: ${why}`)
}
