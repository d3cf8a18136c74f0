/** The driver over a Docker daemon, or one that speaks its API. Each group of methods has its file; this one only puts them together. */
import type { Driver, DriverLimits } from '../driver.ts'
import { buildMethods } from './build/build.ts'
import { lifeMethods } from './containers.ts'
import { conversationMethods } from './conversation.ts'
import { copyMethods } from './copy.ts'
import { findEndpoint } from './endpoint.ts'
import { openEngine } from './engine.ts'
import { readEvents, watchContainer } from './events.ts'
import { type DaemonImages, daemonImages } from './image-archives.ts'
import { lockProject } from './lock.ts'
import { readLogs } from './logs.ts'
import { lookingMethods } from './looking.ts'
import { objectMethods } from './objects.ts'
import { pullMethods } from './pull.ts'
import { pushMethods } from './push.ts'
import { nothingSeen } from './seen.ts'

export interface DockerDriverOptions {
  readonly env: NodeJS.ProcessEnv
  /** A Docker context in place of what the environment says. */
  readonly contextName?: string
}

/** The daemon says itself what it can't do. */
const LIMITS: DriverLimits = {
  platforms: true,
  securityLabels: true,
  logOptions: 'all',
  networkOptions: 'all',
  changesInPlace: false,
  builds: true,
  withoutResources: [],
}

export function openDockerDriver({ env, contextName }: DockerDriverOptions): Driver {
  const engine = openEngine(findEndpoint(env, contextName))
  const seen = nothingSeen()
  return {
    kind: 'docker',
    limits: LIMITS,
    lockProject: (projectName, signal, onWait) => lockProject({ engineUrl: engine.url, projectName, signal, onWait }),
    ...objectMethods(engine, seen),
    ...pullMethods(engine, env),
    ...pushMethods(engine, env),
    ...buildMethods(engine),
    ...lifeMethods(engine, seen),
    ...lookingMethods(engine),
    ...copyMethods(engine),
    ...conversationMethods(engine),
    watchContainer: (id, signal) => watchContainer(engine, id, signal),
    readEvents: (projectName, options, signal) => readEvents(engine, projectName, options, signal),
    readLogs: (id, options, signal) => readLogs(engine, id, options, signal),
  }
}

export function openImagesOfDaemon({ env, contextName }: DockerDriverOptions): DaemonImages {
  return daemonImages(openEngine(findEndpoint(env, contextName)))
}
