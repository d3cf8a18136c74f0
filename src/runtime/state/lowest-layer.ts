/**
 * The lowest layer of every container: empty places for what each one has from us. Where an image lacks them nothing has to be made in the container's own
 * layer before it can be mounted over, which is quicker and keeps that layer to what the container has changed. What an image has goes before it.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomHex } from '../../digests.ts'

const DIRECTORIES = ['.', 'dev', 'etc', 'proc', 'sys']
const FILES = ['etc/hostname', 'etc/hosts', 'etc/resolv.conf']

/** Makes it in one step, unless it is there. */
export function makeLowestLayer(directory: string): void {
  if (existsSync(directory)) return
  const half = `${directory}.${randomHex(8)}`
  // Whatever the user's umask, every user of a container may look into these.
  for (const path of DIRECTORIES.map((name) => join(half, name))) makeDirectory(path)
  for (const path of FILES.map((name) => join(half, name))) {
    writeFileSync(path, '')
    chmodSync(path, 0o644)
  }
  try {
    renameSync(half, directory)
  } catch (error) {
    rmSync(half, { recursive: true })
    // Somebody else has been quicker.
    if (!existsSync(directory)) throw error
  }
}

function makeDirectory(path: string): void {
  mkdirSync(path)
  chmodSync(path, 0o755)
}
