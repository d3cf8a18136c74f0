/** An image with busybox's programs and a file that is nobody's but 33's: made of this machine's static busybox. */
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { importRootfs } from '../../src/runtime/image/import.ts'
import { openImages, wantedPlatform } from '../../src/runtime/image/open.ts'

const BUSYBOX = '/usr/bin/busybox'
const run = promisify(execFile)

/** `changes` are Dockerfile instructions. */
export async function busyboxImage(
  env: NodeJS.ProcessEnv,
  reference: string,
  changes: readonly string[] = [],
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'tscompose-busybox-'))
  try {
    await importArchive(env, { reference, changes: ['CMD ["sh"]', ...changes] }, await busyboxArchive(work))
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** Its root file system as a tar archive in this directory. */
export async function busyboxArchive(directory: string): Promise<string> {
  const archive = join(directory, 'rootfs.tar')
  await makeRootfs(join(directory, 'rootfs'))
  await run('tar', ['-C', join(directory, 'rootfs'), '-cf', archive, '.'])
  return archive
}

async function importArchive(
  env: NodeJS.ProcessEnv,
  image: { readonly reference: string; readonly changes: readonly string[] },
  path: string,
): Promise<void> {
  const { store } = openImages(env, 0)
  const platform = wantedPlatform(undefined)
  const options = { ...image, source: { path }, message: 'for a test', platform, now: new Date() }
  await importRootfs(store, options, AbortSignal.timeout(60_000))
}

async function makeRootfs(root: string): Promise<void> {
  for (const directory of ['bin', 'etc', 'tmp', 'seed', 'root']) mkdirSync(join(root, directory), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  copyFileSync(BUSYBOX, join(root, 'bin', 'busybox'))
  const { stdout } = await run(BUSYBOX, ['--list'])
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox')) {
    symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/tmp:/bin/sh\n')
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nwww-data:x:33:\n')
  writeFileSync(join(root, 'seed', 'file'), 'seed\n')
  chownSync(join(root, 'seed', 'file'), 33, 33)
}
