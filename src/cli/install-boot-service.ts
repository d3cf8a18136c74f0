/** Puts the file that starts `tscompose system boot` where the machine's first program, or cron, looks for it. */
import { existsSync, mkdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BootServiceOptions, cronTable, systemdUnit } from '../view/boot-service.ts'
import { Refusal } from './failure.ts'

export type Starter = 'systemd' | 'cron'

export interface BootService {
  readonly path: string
  readonly text: string
  /** Where a link to it makes it part of every start. */
  readonly link?: string
}

/** What the system below `root` starts its services with. */
export function findStarter(root: string): Starter {
  const has = (path: string): boolean => existsSync(join(root, path))
  if (has('run/systemd/system')) return 'systemd'
  // A tree that is not running has no /run.
  if (root !== '/' && (has('usr/lib/systemd/systemd') || has('lib/systemd/systemd'))) return 'systemd'
  if (has('etc/cron.d')) return 'cron'
  throw new Refusal(
    `there is neither systemd nor "${join(root, 'etc/cron.d')}"`,
    'have "tscompose system boot" run as root when the machine has started',
  )
}

export function bootServiceFor(starter: Starter, root: string, options: BootServiceOptions): BootService {
  if (starter === 'cron') return { path: join(root, 'etc/cron.d/tscompose'), text: cronTable(options) }
  const directory = join(root, 'etc/systemd/system')
  return {
    path: join(directory, 'tscompose.service'),
    text: systemdUnit(options),
    link: join(directory, 'multi-user.target.wants/tscompose.service'),
  }
}

/** What was there before is replaced, so that it can be done as often as one likes. */
export function installBootService({ path, text, link }: BootService): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, text, { mode: 0o644 })
  renameSync(`${path}.new`, path)
  if (link !== undefined) ensureLink(link)
}

const TARGET = '../tscompose.service'

function ensureLink(link: string): void {
  mkdirSync(dirname(link), { recursive: true })
  const present = readLinkIfThere(link)
  if (present === TARGET) return
  if (present !== undefined) unlinkSync(link)
  symlinkSync(TARGET, link)
}

function readLinkIfThere(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
