/** `containers/ID/config.json`: what a container was asked to be, as far as listing, finding and removing need it. */
import { DriverError, type Labels } from '../../driver/driver.ts'
import { readLasting, replaceLasting } from '../state/lasting-record.ts'
import { containerDir, type StatePaths } from '../state/paths.ts'
import { listNames } from '../state/record-file.ts'
import type { ImageConfig } from './spec/image.ts'

export interface ContainerRecord {
  readonly version: 1
  readonly containerId: string
  readonly containerName: string
  /** Set by a renaming that was not finished: the name that it may hold besides. */
  readonly otherName?: string
  /** Reference as the user wrote it. */
  readonly image: string
  readonly imageId: string
  readonly labels: Labels
  readonly createdAtMs: number
  readonly argv: readonly string[]
  readonly tty: boolean
  readonly hostname: string
  readonly stopGraceMs?: number
  /** `80/tcp`: of the image and of the spec. */
  readonly exposed: readonly string[]
  readonly endpoints: readonly {
    readonly networkName: string
    readonly networkId: string
    readonly aliases: readonly string[]
  }[]
  readonly mounts: readonly RecordedMount[]
  /** Containers whose namespaces it joins when it starts. */
  readonly joins: { readonly network?: string; readonly pid?: string; readonly ipc?: string }
  /** Whether others may join its IPC. */
  readonly ipcShareable?: boolean
  /** Absent in records of earlier versions; true then. */
  readonly keepsLog?: boolean
  /** Nobody sees it once it has ended: its monitor takes it away then, or else the next command that changes something. */
  readonly autoRemove?: true
  /** That of an image made of it; absent in records of earlier versions, which keep their own image's. */
  readonly commitConfig?: ImageConfig
}

export interface RecordedMount {
  readonly kind: 'bind' | 'volume' | 'tmpfs'
  /** The volume's. */
  readonly name?: string
  readonly source: string
  /** What of the volume is mounted, if it is not all. */
  readonly subpath?: string
  readonly target: string
  readonly readOnly: boolean
}

export function configPath(paths: StatePaths, containerId: string): string {
  return `${containerDir(paths, containerId)}/config.json`
}

export function readContainer(paths: StatePaths, containerId: string): ContainerRecord | undefined {
  return readLasting<ContainerRecord>(configPath(paths, containerId), (record) => record.containerId === containerId)
}

export function requireContainer(paths: StatePaths, containerId: string): ContainerRecord {
  const record = readContainer(paths, containerId)
  if (record !== undefined) return record
  throw new DriverError('container-not-found', `there is no container "${containerId}"`)
}

export function replaceContainer(paths: StatePaths, record: ContainerRecord): void {
  replaceLasting(configPath(paths, record.containerId), record)
}

export function listContainerIds(paths: StatePaths): string[] {
  return listNames(paths.containersDir).filter((name) => /^[0-9a-f]{64}$/.test(name))
}

/** Every container whose record can be read. One that is damaged hides nothing but itself. */
export function listContainers(paths: StatePaths): ContainerRecord[] {
  return listContainerIds(paths).flatMap((id) => {
    const record = readIfWhole(paths, id)
    return record === undefined ? [] : [record]
  })
}

function readIfWhole(paths: StatePaths, containerId: string): ContainerRecord | undefined {
  try {
    return readContainer(paths, containerId)
  } catch (error) {
    if (error instanceof DriverError && error.code === 'state-broken') return undefined
    throw error
  }
}
