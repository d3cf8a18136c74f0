/** Copies files between this machine and a container, by the rules of `docker cp`. */
import { posix } from 'node:path'
import { type CopyFrom, type CopyInto, DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { archiveName, type CopyTarget, planCopy } from './copy-plan.ts'
import { copyFiles, type FoundFile, lookAt, packTo, unpackFrom } from './files.ts'
import { type Side, withFiles } from './files-of.ts'

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
