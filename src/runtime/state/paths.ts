/** Where the state lives: plain files below one data directory, sockets below one run directory. Knows names, touches nothing. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface StatePaths {
  readonly dataDir: string
  readonly runDir: string
  /** `containers/ID/` with config.json, spec.json, state.json, log.json, upper/, work/. */
  readonly containersDir: string
  /** What lies below the layers of every image. */
  readonly lowestLayer: string
  /** `networks/ID/` with network.json, lock, endpoints/. */
  readonly networksDir: string
  /** `volumes/NAME/` with volume.json, _data/. */
  readonly volumesDir: string
  /** `names/KIND/NAME`: a file that holds the id. */
  readonly namesDir: string
  readonly locksDir: string
  /** The journal of what happens to containers. */
  readonly eventsFile: string
  /** Control sockets. */
  readonly monitorsDir: string
}

/** The paths for this user; TSCOMPOSE_DATA_DIR and TSCOMPOSE_RUN_DIR go before everything. */
export function statePaths(env: NodeJS.ProcessEnv, uid: number): StatePaths {
  const home = env.HOME || homedir()
  const dataHome = env.XDG_DATA_HOME || join(home, '.local', 'share')
  const dataDir = env.TSCOMPOSE_DATA_DIR || (uid === 0 ? '/var/lib/tscompose' : join(dataHome, 'tscompose'))
  const runHome = env.XDG_RUNTIME_DIR
  const userRunDir = runHome ? join(runHome, 'tscompose') : join(dataDir, 'run')
  const runDir = env.TSCOMPOSE_RUN_DIR || (uid === 0 ? '/run/tscompose' : userRunDir)
  return {
    dataDir,
    runDir,
    containersDir: join(dataDir, 'containers'),
    lowestLayer: join(dataDir, 'lowest-layer'),
    networksDir: join(dataDir, 'networks'),
    volumesDir: join(dataDir, 'volumes'),
    namesDir: join(dataDir, 'names'),
    locksDir: join(dataDir, 'locks'),
    eventsFile: join(dataDir, 'events.log'),
    monitorsDir: join(runDir, 'monitors'),
  }
}

/** Socket paths are limited to 107 characters, so the name holds a quarter of the id. */
export function controlSocketPath(paths: StatePaths, containerId: string): string {
  return `${paths.monitorsDir}/${containerId.slice(0, 16)}.sock`
}

/** Asked for some times for each container: `join` would look at every character of it. */
export function containerDir(paths: StatePaths, containerId: string): string {
  return `${paths.containersDir}/${containerId}`
}

export function networkDir(paths: StatePaths, networkId: string): string {
  return `${paths.networksDir}/${networkId}`
}
