/** Starting a container: its ports, and what its program does. */
import {
  type ContainerSpec,
  DriverError,
  type ObservedContainer,
  type ObservedPort,
} from '../../../src/driver/driver.ts'
import type { Cell } from './cell.ts'
import { requireHost, requireParts } from './requirements.ts'
import type { World } from './world.ts'

export async function startContainer(
  world: World,
  containerId: string,
  signal: AbortSignal,
): Promise<readonly ObservedPort[]> {
  const cell = await world.enterContainer('startContainer', containerId, signal)
  if (cell.state.status === 'running') return cell.state.ports
  if (cell.state.status === 'paused')
    throw new DriverError('refused', `container "${cell.state.containerName}" is paused, and can't be started`)
  requireParts(world, cell.spec)
  requireHost(world, cell.spec)
  const ports = publish(world, cell)
  const endpoints = cell.state.endpoints.map((end) => ({
    ...end,
    networkId: world.networks.get(end.networkName)?.networkId ?? '',
  }))
  cell.run += 1
  world.change(cell, {
    status: 'running',
    startedAtMs: world.tick(),
    exitCode: 0,
    ports,
    endpoints,
    ...startingHealth(cell.spec),
  })
  world.tell(cell, 'start')
  runProgram(world, cell, cell.run)
  return ports
}

function publish(world: World, cell: Cell): readonly ObservedPort[] {
  const taken = new Set(world.states().flatMap((one) => one.ports.map((port) => `${port.published}/${port.protocol}`)))
  return cell.spec.ports.map(({ hostIp, published, target, protocol }) => {
    const range = published.start === 0 ? { start: 32768, end: 60999 } : published
    for (let port = range.start; port <= range.end; port += 1) {
      if (taken.has(`${port}/${protocol}`)) continue
      taken.add(`${port}/${protocol}`)
      return { hostIp: hostIp || '0.0.0.0', published: port, target, protocol }
    }
    throw new DriverError('port-taken', `port ${published.start}/${protocol} is taken`)
  })
}

function runProgram(world: World, cell: Cell, run: number): void {
  const program = world.options.program?.(cell.spec) ?? {}
  setImmediate(() => {
    if (cell.run !== run || cell.state.status !== 'running') return
    for (const line of program.output ?? []) {
      cell.log.push({
        stream: 'stdout',
        timeNs: world.tickNs(),
        data: new TextEncoder().encode(`${line}\n`),
      })
    }
    // Followers of the log wait at the same bell as watchers of the state.
    for (const wake of cell.watchers) wake()
    for (const health of program.health ?? []) world.change(cell, { health })
    if (program.exitCode !== undefined) world.end(cell, program.exitCode)
  })
}

function startingHealth(spec: ContainerSpec): Pick<ObservedContainer, 'health'> {
  return spec.healthcheck?.test === undefined || spec.healthcheck.test[0] === 'NONE' ? {} : { health: 'starting' }
}
