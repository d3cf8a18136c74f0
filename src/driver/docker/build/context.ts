/** What a build is made of, as an archive: the files of its directory but for those that `.dockerignore` names, and the Dockerfile. */
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { pack } from 'tar-fs'
import type { Pack } from 'tar-stream'
import { type BuildRequest, DriverError } from '../../driver.ts'
import { type Ignored, parseDockerignore } from './dockerignore.ts'

export interface BuildContext {
  readonly archive: Readable
  /** The Dockerfile's name in it. */
  readonly dockerfile: string
}

type Files = Pick<BuildRequest, 'context' | 'dockerfile' | 'dockerfileText'>

export function openContext({ context, dockerfile, dockerfileText }: Files): BuildContext {
  if (!existsSync(context) || !statSync(context).isDirectory())
    throw refused(`"${context}", which is to be built, is no directory`)
  const path = resolve(context, dockerfile)
  const inside = relative(context, path).split(sep).join('/')
  const isInside = dockerfileText === undefined && !inside.startsWith('../') && !isAbsolute(inside)
  if (dockerfileText === undefined && !existsSync(path)) throw refused(`there is no Dockerfile "${path}"`)
  const text = isInside ? undefined : (dockerfileText ?? readFileSync(path))
  const name = isInside ? inside : `.dockerfile.${randomBytes(8).toString('hex')}`
  const ignored = parseDockerignore(ignoreText(context, dockerfileText === undefined ? path : undefined))
  return { archive: archiveOf(context, ignored, { name, text }), dockerfile: name }
}

/** The one that is called after the Dockerfile goes before the one of the context. */
function ignoreText(context: string, dockerfile: string | undefined): string {
  const places = [...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]), join(context, '.dockerignore')]
  const found = places.find((path) => existsSync(path))
  return found === undefined ? '' : readFileSync(found, 'utf8')
}

interface Dockerfile {
  readonly name: string
  /** Set where it is no file of the context. */
  readonly text: string | Buffer | undefined
}

function archiveOf(context: string, ignored: Ignored, { name, text }: Dockerfile): Readable {
  const always = new Set(['.dockerignore', name])
  const isLeftOut = (full: string): boolean => {
    const path = relative(context, full).split(sep).join('/')
    if (path === '' || always.has(path) || name.startsWith(`${path}/`) || !ignored.isIgnored(path)) return false
    return !(ignored.hasExceptions && lstatSync(full).isDirectory())
  }
  const finish = (archive: Pack): void => {
    if (text !== undefined) archive.entry({ name, mode: 0o600 }, text)
    archive.finalize()
  }
  const files = pack(context, {
    ignore: isLeftOut,
    // Whose they are here is nothing to the image.
    map: (header) => ({ ...header, uid: 0, gid: 0 }),
    finalize: false,
    finish,
  })
  const archive = new PassThrough()
  files.on('error', (error) => archive.destroy(error))
  return files.pipe(archive)
}

function refused(message: string): DriverError {
  return new DriverError('refused', message, { hint: 'see "context" and "dockerfile" of the service\'s "build"' })
}
