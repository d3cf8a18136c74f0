/** The labels by which the project's objects are found again: Docker Compose's own, so that either tool knows the other's work. */
import { LABEL, type Labels } from '../driver/driver.ts'
import { networkHash, serviceHash, volumeHash } from '../model/hash.ts'
import type { Network, Project, Service, Volume } from '../model/project.ts'
import { contentLabels } from './contents.ts'
import { writeDependsOn } from './dependencies.ts'
import { FIELDS_LABEL, writeFields } from './fields.ts'

/** The Docker Compose release whose labels and hashes these are. */
const COMPOSE_VERSION = '5.5.0'

export interface ReplicaIdentity {
  readonly serviceName: string
  readonly number: number
  /** Of one that is nobody's replica: what `run` made. */
  readonly slug?: string
  /** The name this container takes over, where it replaces another. */
  readonly replaces?: string
  readonly imageId?: string
}

/** The user's own labels come first and can't change Compose's. */
export function containerLabels(project: Project, service: Service, identity: ReplicaIdentity): Labels {
  return {
    ...service.labels,
    [LABEL.project]: project.name,
    [LABEL.service]: identity.serviceName,
    ...(identity.slug === undefined
      ? { [LABEL.containerNumber]: String(identity.number), [LABEL.oneoff]: 'False' }
      : { [LABEL.slug]: identity.slug, [LABEL.oneoff]: 'True' }),
    [LABEL.configHash]: serviceHash(service),
    [LABEL.dependsOn]: writeDependsOn(service),
    [LABEL.workingDir]: project.workingDir,
    [LABEL.configFiles]: project.configFiles.join(','),
    ...(project.environmentFiles.length > 0 && { [LABEL.environmentFile]: project.environmentFiles.join(',') }),
    ...(identity.imageId !== undefined && { [LABEL.image]: identity.imageId }),
    ...(identity.replaces !== undefined && { [LABEL.replace]: identity.replaces }),
    [LABEL.version]: COMPOSE_VERSION,
    [FIELDS_LABEL]: writeFields(service),
    ...contentLabels(project, service),
  }
}

export function networkLabels(project: Project, key: string, network: Network): Labels {
  return {
    ...network.labels,
    [LABEL.project]: project.name,
    [LABEL.network]: key,
    [LABEL.configHash]: networkHash(network),
    [LABEL.version]: COMPOSE_VERSION,
  }
}

export function volumeLabels(project: Project, key: string, volume: Volume): Labels {
  return {
    ...volume.labels,
    [LABEL.project]: project.name,
    [LABEL.volume]: key,
    [LABEL.configHash]: volumeHash(volume),
    [LABEL.version]: COMPOSE_VERSION,
  }
}
