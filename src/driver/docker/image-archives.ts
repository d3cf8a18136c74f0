/** Images of a daemon as archives, which other stores read and write too. Without names: those are given on arrival. */
import type { Readable } from 'node:stream'
import { DriverError, type ObservedImage } from '../driver.ts'
import type { Engine } from './engine.ts'
import { jsonLines } from './json-lines.ts'
import { findImage } from './objects.ts'
import { platformQuery } from './platform-query.ts'

export interface DaemonImages {
  readonly find: (reference: string, signal: AbortSignal) => Promise<ObservedImage | undefined>
  /** `platform` as in `linux/arm64`; the daemon's choice where there is none. */
  readonly save: (imageId: string, platform: string | undefined, signal: AbortSignal) => Promise<Readable>
  /** Returns what the daemon calls it. */
  readonly load: (archive: Readable, signal: AbortSignal) => Promise<string>
  readonly tag: (image: string, reference: NewName, signal: AbortSignal) => Promise<void>
}

export interface NewName {
  readonly repository: string
  readonly tag: string
}

export function daemonImages(engine: Engine): DaemonImages {
  return {
    find: (reference, signal) => findImage(engine, reference, signal),
    save: (imageId, platform, signal) => save(engine, { imageId, platform }, signal),
    load: (archive, signal) => load(engine, archive, signal),
    tag: async (image, { repository, tag }, signal) => {
      const path = `/images/${encodeURIComponent(image)}/tag`
      await engine.json({ method: 'POST', path, query: { repo: repository, tag }, signal })
    },
  }
}

async function save(
  engine: Engine,
  { imageId, platform }: { readonly imageId: string; readonly platform: string | undefined },
  signal: AbortSignal,
): Promise<Readable> {
  if (platform !== undefined && !(await engine.knows('1.48', signal))) {
    throw new DriverError('unsupported', `the Docker daemon at "${engine.url}" can't save an image of one platform`, {
      hint: 'leave "--platform" out, or update the daemon to Docker 28',
    })
  }
  const path = `/images/${encodeURIComponent(imageId)}/get`
  return engine.stream({ path, query: { platform: platformQuery(platform) }, signal })
}

/** One line of what it says meanwhile. */
interface News {
  readonly stream?: string
  readonly error?: string
}

/** Docker, with and without a name in the archive, and Podman. */
const LOADED = /Loaded image(?: ID|\(s\))?: (\S+)/

async function load(engine: Engine, archive: Readable, signal: AbortSignal): Promise<string> {
  const news = await engine.stream({ method: 'POST', path: '/images/load', file: archive, signal })
  let loaded: string | undefined
  for await (const { stream = '', error } of jsonLines<News>(news)) {
    if (error !== undefined) throw new DriverError('refused', `the daemon can't load the image: ${error}`)
    loaded ??= LOADED.exec(stream)?.[1]
  }
  if (loaded === undefined) throw new DriverError('refused', 'the daemon did not say that it has loaded the image')
  return loaded
}
