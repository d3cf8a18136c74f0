/** Removes a directory with everything in it, whatever modes its owner gave it. Follows no link. */
import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Root removes anything; anybody else must first be able to look into the directories. */
export async function removeTree(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    await openDirectories(directory)
    await rm(directory, { recursive: true, force: true })
  }
}

async function openDirectories(directory: string): Promise<void> {
  const stats = await lstat(directory)
  if (!stats.isDirectory()) return
  await chmod(directory, 0o700)
  for (const entry of await readdir(directory)) await openDirectories(join(directory, entry))
}
