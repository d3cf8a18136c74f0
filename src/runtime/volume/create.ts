/** Makes a volume: a directory that appears whole or not at all. What it first holds is copied by the monitor. */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { DriverError, type VolumeSpec } from '../../driver/driver.ts'
import { unsupported } from '../container/spec/refusals.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import { halfMadePath, underHalfMadeLock } from '../state/half-made.ts'
import { writeLasting } from '../state/lasting-record.ts'
import type { StatePaths } from '../state/paths.ts'
import { readVolume, type VolumeRecord, volumeDir } from './record.ts'

/** Done when one of that name with the same labels is there. */
export async function createVolume(runtime: Runtime, spec: VolumeSpec, signal: AbortSignal): Promise<void> {
  prepareDirectories(runtime)
  await underHalfMadeLock(runtime, signal, async () => ensureVolume(runtime.paths, spec))
}

/** The same for callers who hold the lock on half-made things already. */
export function ensureVolume(paths: StatePaths, spec: VolumeSpec): void {
  if (!['', 'local'].includes(spec.driver)) throw unsupported(`driver: ${spec.driver}`)
  const record = recordOf(spec)
  if (isThere(paths, record) || publish(paths, record) || isThere(paths, record)) return
  throw new DriverError(
    'name-in-use',
    `volume "${spec.volumeName}" was made and removed by another command at this moment`,
  )
}

/** A volume for one container; its name says nothing. */
export function anonymousVolume(volumeName: string): VolumeRecord {
  const labels = { 'com.docker.volume.anonymous': '' }
  return { version: 1, volumeName, driver: 'local', options: {}, labels, anonymous: true, createdAtMs: Date.now() }
}

/** Tells whether it was made; a name that is taken is not touched, whoever came first. */
export function publish(paths: StatePaths, record: VolumeRecord): boolean {
  const half = halfMadePath(paths.volumesDir)
  try {
    mkdirSync(join(half, '_data'), { recursive: true, mode: 0o755 })
    writeLasting(join(half, 'volume.json'), record)
    renameSync(half, volumeDir(paths, record.volumeName))
    return true
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
    throw error
  }
}

function isThere(paths: StatePaths, wanted: VolumeRecord): boolean {
  const existing = readVolume(paths, wanted.volumeName)
  if (existing === undefined) return false
  if (isDeepStrictEqual({ ...existing.labels }, { ...wanted.labels })) return true
  throw new DriverError('name-in-use', `a volume named "${wanted.volumeName}" exists already, with other labels`, {
    hint: 'give this one another name, or say "external: true" to use the existing one',
  })
}

function recordOf({ volumeName, driverOptions, labels }: VolumeSpec): VolumeRecord {
  const options = readOptions(volumeName, driverOptions)
  return { version: 1, volumeName, driver: 'local', options, labels, anonymous: false, createdAtMs: Date.now() }
}

/** A directory of the host under a volume's name is the one form known; it needs all three options. */
function readOptions(volumeName: string, options: VolumeSpec['driverOptions']): VolumeRecord['options'] {
  if (Object.keys(options).length === 0) return {}
  const { type = '', o = '', device = '', ...unknown } = options
  const [other] = Object.keys(unknown)
  if (other !== undefined) throw new DriverError('refused', `volume "${volumeName}": option "${other}" is not known`)
  const bind = ['none', 'bind', ''].includes(type) && o.split(',').some((word) => word === 'bind' || word === 'rbind')
  if (!bind) throw unsupported(`driver_opts: type: ${type || 'none'}, o: ${o}`)
  if (device.startsWith('/')) return { type, o, device }
  throw new DriverError('refused', `volume "${volumeName}": option "device" needs an absolute path, not "${device}"`)
}
