/** Copies files between this machine and a container of a daemon, by the rules of `docker cp`: archives go over the wire. */
import { lstatSync, type Stats, statSync } from 'node:fs'
import { posix } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Headers, pack } from 'tar-fs'
import { type CopyTarget, type FileKind, planCopy } from '../../runtime/container/copy-plan.ts'
import { type CopyFrom, type CopyInto, type Driver, DriverError } from '../driver.ts'
import { inspect } from './containers.ts'
import type { Engine } from './engine.ts'
import { ifThere } from './objects.ts'

export function copyMethods(engine: Engine): Pick<Driver, 'copyInto' | 'copyFrom'> {
  return {
    copyInto: (id, copy, signal) => copyInto(inside(engine, id, signal), copy),
    copyFrom: (id, copy, signal) => copyFrom(inside(engine, id, signal), copy),
  }
}

interface Found {
  readonly kind: FileKind
  /** Of a link: where it leads, absolute. */
  readonly target?: string
}

/** The files of a container. */
interface Inside {
  readonly look: (path: string) => Promise<Found | undefined>
  readonly put: (directory: string, archive: Readable) => Promise<void>
  readonly get: (path: string) => Promise<Readable>
  /** For messages. */
  readonly said: (path: string) => Promise<string>
}

function inside(engine: Engine, id: string, signal: AbortSignal): Inside {
  const path = `/containers/${id}/archive`
  return {
    look: async (file) => {
      const answer = await ifThere(engine.stream({ method: 'HEAD', path, query: { path: file }, signal }))
      return answer && foundIn((answer as Readable & { readonly headers: Readonly<Record<string, string>> }).headers)
    },
    put: async (directory, archive) => {
      const query = { path: directory, noOverwriteDirNonDir: true, copyUIDGID: true }
      await engine.json({ method: 'PUT', path, query, file: archive, signal })
    },
    get: (file) => engine.stream({ path, query: { path: file }, signal }),
    said: async (file) => `"${file}" in container "${(await inspect(engine, id, signal)).containerName}"`,
  }
}

/** Bits of Go's FileMode. */
const DIRECTORY = 2 ** 31
const LINK = 2 ** 27

function foundIn(headers: Readonly<Record<string, string>>): Found {
  const text = Buffer.from(headers['x-docker-container-path-stat'] ?? '', 'base64').toString()
  const { mode, linkTarget } = JSON.parse(text) as { readonly mode: number; readonly linkTarget: string }
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1
  if (has(LINK)) return { kind: 'link', target: linkTarget }
  return { kind: has(DIRECTORY) ? 'directory' : 'file' }
}

async function copyInto(container: Inside, { source, target, followLink }: CopyInto): Promise<void> {
  const aim = await behindLinks(container, target)
  if (typeof source !== 'string') {
    if (aim.kind !== 'directory') throw refused(`${await container.said(target)} is not a directory`)
    return container.put(aim.path, Readable.from(source, { objectMode: false }))
  }
  const kind = kindHere(source, followLink)
  if (kind === undefined) throw refused(`there is no file "${source}"`)
  const { name, directory } = planCopy({ path: source, kind }, aim)
  if ((await container.look(`${directory}/.`))?.kind !== 'directory')
    throw refused(`there is no directory ${await container.said(directory)}`)
  const original = posix.basename(source.replace(/\/\.$/, ''))
  const options = { entries: [original], dereference: followLink, umask: 0, map: renaming(original, name) }
  await container.put(directory, pack(posix.dirname(source.replace(/\/\.$/, '')), options).pipe(new PassThrough()))
}

async function copyFrom(container: Inside, { source, target, followLink, keepOwners }: CopyFrom): Promise<void> {
  let path = source
  let found = await container.look(source)
  if (found?.kind === 'link' && followLink) {
    path = found.target ?? source
    found = await container.look(path)
  }
  if (found === undefined) throw refused(`there is no file ${await container.said(source)}`)
  const archive = await container.get(path)
  const original = posix.basename(path.replace(/\/\.$/, ''))
  if (typeof target !== 'string') {
    for await (const data of archive) target(data as Uint8Array)
    return
  }
  try {
    const aim = { path: target, kind: kindHere(target, true) }
    const { name, directory } = planCopy({ path: source, kind: found.kind }, aim)
    if (kindHere(directory, true) !== 'directory') throw refused(`there is no directory "${directory}"`)
    // A link is copied as it is, wherever it leads; nothing is ever written through one.
    const options = { chown: keepOwners, umask: 0, validateSymlinks: false, map: renaming(original, name) }
    await pipeline(archive, new PassThrough(), extract(directory, options))
  } finally {
    archive.destroy()
  }
}

/** The first part of each name in an archive is what is copied. */
function renaming(original: string, name: string): (header: Headers & { readonly linkname?: string }) => Headers {
  const rename = (path: string): string => {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    if (parts[0] !== original) return path
    return [...(name === '.' ? [] : [name]), ...parts.slice(1)].join('/') || '.'
  }
  return (header) => {
    const isHardLink = header.type === 'link' && header.linkname
    return { ...header, name: rename(header.name), ...(isHardLink ? { linkname: rename(header.linkname ?? '') } : {}) }
  }
}

const MOST_LINKS = 40

async function behindLinks(container: Inside, path: string): Promise<CopyTarget> {
  let last = path
  for (let link = 0; link < MOST_LINKS; link += 1) {
    const found = await container.look(last)
    if (found?.kind !== 'link') return { path: last, kind: found?.kind }
    last = posix.resolve(posix.dirname(last), found.target ?? '')
  }
  throw refused(`"${path}" leads through too many links`)
}

function kindHere(path: string, followLink: boolean): FileKind | undefined {
  const options = { throwIfNoEntry: false } as const
  const found: Stats | undefined = followLink ? statSync(path, options) : lstatSync(path, options)
  if (found === undefined) return undefined
  if (found.isSymbolicLink()) return 'link'
  if (found.isDirectory()) return 'directory'
  return found.isFile() ? 'file' : 'other'
}

const refused = (message: string): DriverError => new DriverError('refused', message)
