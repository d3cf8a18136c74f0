/** Programs of containers: what runs, what it uses, and the caller's ends of it. */
import {
  type Driver,
  DriverError,
  type ExecStreams,
  type ObservedProcess,
  type ResourceUsage,
} from '../../../src/driver/driver.ts'
import { cancelled } from './cancel.ts'
import { isAlive, notRunning } from './cell.ts'
import { startContainer } from './start.ts'
import { watchContainer } from './watch.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'listProcesses' | 'readUsage' | 'startAttached' | 'exec' | 'attach'>

export function processMethods(world: World): Methods {
  return {
    async listProcesses(containerId: string, signal: AbortSignal): Promise<readonly ObservedProcess[]> {
      const cell = await world.enterContainer('listProcesses', containerId, signal)
      const { state } = cell
      if (!isAlive(cell)) return []
      const [user, terminal, command] = ['root', '', state.argv.join(' ')]
      return [{ pid: 100, parentPid: 99, user, terminal, startedAtMs: state.startedAtMs, cpuMs: 0, command }]
    },

    async readUsage(containerId: string, signal: AbortSignal): Promise<ResourceUsage | undefined> {
      const cell = await world.enterContainer('readUsage', containerId, signal)
      if (!isAlive(cell)) return undefined
      const traffic = { receivedBytes: 1500, sentBytes: 126, readBytes: 0, writtenBytes: 4096 }
      // A quarter of one processor, at whatever moment it is asked.
      world.usageReads += 1
      const atMs = world.usageReads * 1000
      const memoryLimitBytes = cell.spec.resources.memoryBytes ?? 1 << 30
      return { atMs, cpuMs: atMs / 4, memoryBytes: 1 << 20, memoryLimitBytes, ...traffic, tasks: 1 }
    },

    async startAttached(containerId: string, streams: ExecStreams, signal: AbortSignal): Promise<number> {
      const cell = await world.enterContainer('startAttached', containerId, signal)
      if (cell.state.status === 'running')
        throw new DriverError('refused', `container "${cell.state.containerName}" runs already`)
      await startContainer(world, containerId, signal)
      return cell.state.status === 'exited' ? cell.state.exitCode : attach(world, containerId, streams, signal)
    },

    async exec(
      containerId: string,
      spec: Parameters<Driver['exec']>[1],
      streams: Parameters<Driver['exec']>[2],
      signal: AbortSignal,
    ): Promise<number> {
      const cell = await world.enterContainer('exec', containerId, signal)
      if (cell.state.status !== 'running') throw notRunning(cell)
      const [program = '', ...words] = spec.argv
      if (program === 'true' || program === 'false') return Number(program === 'false')
      if (program !== 'echo') return 127
      streams.stdout(new TextEncoder().encode(`${words.join(' ')}\n`))
      return 0
    },

    attach: (containerId, streams, signal) => attach(world, containerId, streams, signal),
  }
}

/** The program says what it is given, and ends when it is told to or gets a signal. */
async function attach(world: World, containerId: string, streams: ExecStreams, signal: AbortSignal): Promise<number> {
  const cell = await world.enterContainer('attach', containerId, signal)
  if (cell.state.status !== 'running') throw notRunning(cell)
  streams.onSignaller?.((name) => world.end(cell, name === 'SIGINT' ? 130 : 143))
  const echo = async (): Promise<void> => {
    for await (const data of streams.stdin ?? []) streams.stdout(data)
  }
  void echo()
  for await (const state of watchContainer(world, containerId, signal))
    if (state.status === 'exited') return state.exitCode
  throw cancelled(signal)
}
