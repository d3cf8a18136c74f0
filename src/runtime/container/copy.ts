/** Copies files between this machine and a container, by the rules of `docker cp`. */
import { posix } from 'node:path'
import { type CopyFrom, type CopyInto, DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir } from '../state/paths.ts'
import { archiveName, type CopyTarget, planCopy } from './copy-plan.ts'
import { copyFiles, type FileHand, type FilePlace, type FoundFile, lookAt, packTo, unpackFrom } from './files.ts'
import { underContainerLock } from './lock.ts'
import { requireContainer } from './record.ts'
import { isUp, readState } from './state.ts'
import { sweepLost } from './sweep.ts'

export async function copyInto(
  runtime: Runtime,
  request: CopyInto & { readonly containerId: string },
  signal: AbortSignal,
): Promise<void> {
  const { source, target, followLink } = request
  await withFiles(runtime, request.containerId, signal, async (container) => {
    const aim = await findTarget(container, target)
    if (typeof source !== 'string') {
      if (aim.kind !== 'directory') throw new DriverError('refused', `${container.said(target)} is not a directory`)
      return await unpackFrom(container.hand, { op: 'unpack', at: container.at(aim.path), owners: 'archive' }, source)
    }
    const found = await lookAt(container.hand, { path: source }, followLink)
    if (found === undefined) throw new DriverError('refused', `there is no file "${source}"`)
    const { name, directory } = planCopy({ path: source, kind: found.kind }, aim)
    await requireDirectory(container, directory)
    const [from, to] = [{ path: source }, container.at(directory)]
    await copyFiles(container.hand, { op: 'copy', from, follow: followLink, name, to, owners: 'archive' })
  })
}

export async function copyFrom(
  runtime: Runtime,
  request: CopyFrom & { readonly containerId: string },
  signal: AbortSignal,
): Promise<void> {
  const { source, target, followLink } = request
  await withFiles(runtime, request.containerId, signal, async (container) => {
    const from = container.at(source)
    const found = await lookAt(container.hand, from, followLink || source.endsWith('/') || source.endsWith('/.'))
    if (found === undefined) throw new DriverError('refused', `there is no file ${container.said(source)}`)
    if (typeof target !== 'string') {
      const request = { op: 'pack', at: from, follow: followLink, name: archiveName(source) } as const
      return await packTo(container.hand, request, target)
    }
    const here = { ...container, at: (path: string) => ({ path }), said: (path: string) => `"${path}"` }
    const { name, directory } = planCopy({ path: source, kind: found.kind }, await findTarget(here, target))
    await requireDirectory(here, directory)
    const to = here.at(directory)
    await copyFiles(container.hand, {
      op: 'copy',
      from,
      follow: followLink,
      name,
      to,
      owners: request.keepOwners ? 'archive' : 'caller',
    })
  })
}

/** One side of a copy. */
interface Side {
  readonly hand: FileHand
  readonly at: (path: string) => FilePlace
  /** How a path of it is called in messages. */
  readonly said: (path: string) => string
}

/**
 * A container that does not run is put together from its layers for the copy; the lock keeps it from being started meanwhile.
 * Of one that runs, its own view of its files is used.
 */
async function withFiles(
  runtime: Runtime,
  containerId: string,
  signal: AbortSignal,
  use: (side: Side) => Promise<void>,
): Promise<void> {
  const { containerName } = requireContainer(runtime.paths, containerId)
  const directory = containerDir(runtime.paths, containerId)
  const side = (pid: number): Side => ({
    hand: { program: runtime.native().filesPath, signal },
    at: (path) => ({ container: { directory, pid }, path }),
    said: (path) => `"${path}" in container "${containerName}"`,
  })
  const state = readState(runtime.paths, containerId)
  if (isUp(state)) {
    if (state.pid === 0) throw new DriverError('refused', `container "${containerName}" is being restarted; try again`)
    return use(side(state.pid))
  }
  await underContainerLock(runtime, { containerId, signal }, async () => {
    await sweepLost(runtime, containerId)
    const { pid } = readState(runtime.paths, containerId)
    await use(side(pid))
  })
}

const MOST_LINKS = 40

/** Follows links by hand, because the last one's target is what a new file is to be called. */
async function findTarget({ hand, at }: Side, path: string): Promise<CopyTarget> {
  let last = path
  for (let link = 0; link < MOST_LINKS; link += 1) {
    const found: FoundFile | undefined = await lookAt(hand, at(last), false)
    if (found?.kind !== 'link') return { path: last, kind: found?.kind }
    last = posix.resolve(posix.dirname(last), found.target ?? '')
  }
  throw new DriverError('refused', `"${path}" leads through too many links`)
}

async function requireDirectory({ hand, at, said }: Side, path: string): Promise<void> {
  if ((await lookAt(hand, at(path), true))?.kind === 'directory') return
  throw new DriverError('refused', `there is no directory ${said(path)}`)
}
