/** Files whose content comes from the model: the daemon may be elsewhere, so that they are sent to it, into the new container. */
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import type { MountSpec } from '../driver.ts'
import type { Engine } from './engine.ts'

export async function putContents(
  engine: Engine,
  mounts: readonly MountSpec[],
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<void> {
  const contents = mounts.flatMap((mount) => (mount.kind === 'content' ? [mount] : []))
  if (contents.length === 0) return
  const archive = pack()
  for (const { target, content, mode, uid = 0, gid = 0 } of contents)
    archive.entry({ name: target.replace(/^\/+/, ''), mode, uid, gid, mtime: new Date(0) }, content)
  archive.finalize()
  const path = `/containers/${id}/archive`
  await engine.json({ method: 'PUT', path, query: { path: '/' }, file: Readable.from(archive), signal })
}
