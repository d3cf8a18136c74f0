/**
 * The digests by which Docker Compose tells whether a container, network or volume is still what its file says. They are part of the
 * labels, so they must come out the same, bit by bit: JSON in the order of shape.ts, SHA-256.
 */
import { sha256 } from '../digests.ts'
import { toGoJson } from './json.ts'
import { printStruct } from './print.ts'
import type { Network, Service, Volume } from './project.ts'
import { NETWORK, SERVICE, type Shape, VOLUME } from './shape.ts'

/** `com.docker.compose.config-hash` of a service's containers. What needs no new container is left out. */
export function serviceHash(service: Service): string {
  const {
    build: _build,
    pull_policy: _policy,
    scale: _scale,
    depends_on: _dependencies,
    profiles: _profiles,
    deploy,
    ...rest
  } = service
  const { replicas: _replicas, ...lasting } = deploy ?? {}
  return digest(deploy ? { ...rest, deploy: lasting } : rest, SERVICE)
}

export const networkHash = (network: Network): string => digest(network, NETWORK)

/** A volume without a driver has the local one. */
export const volumeHash = (volume: Volume): string => digest({ ...volume, driver: volume.driver ?? 'local' }, VOLUME)

const digest = (element: object, shape: Shape): string => sha256(toGoJson(printStruct(element, shape, 'digest')))
