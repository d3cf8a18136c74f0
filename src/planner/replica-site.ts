/** A replica to be made, and what it has to know of its surroundings. */
import type { MountSpec } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import type { ReplicaIdentity } from './labels.ts'

export interface ReplicaSite extends ReplicaIdentity {
  readonly project: Project
  readonly service: Service
  /** Its final name; the one others know it by. */
  readonly containerName: string
  /** False where it has no names but its own on the networks. */
  readonly hasAliases?: boolean
  /** What `service:NAME` or `container:NAME` stands for: an id, or the name of a container yet to be made. */
  readonly containerIn: (mode: string) => string | undefined
  /** Mounts of the services named by `volumes_from`. */
  readonly borrowedMounts: readonly MountSpec[]
  /** Target -> volume, of the anonymous volumes of the container that this one takes over from. */
  readonly inheritedVolumes: ReadonlyMap<string, string>
}
