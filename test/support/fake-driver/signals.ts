/** Containers that are stopped, killed and held up. */
import { type Driver, DriverError } from '../../../src/driver/driver.ts'
import { isAlive, notRunning } from './cell.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'stopContainer' | 'killContainer' | 'pauseContainer' | 'unpauseContainer'>

export function signalMethods(world: World): Methods {
  return {
    async stopContainer(
      containerId: string,
      _options: { readonly timeoutMs?: number },
      signal: AbortSignal,
    ): Promise<number> {
      const cell = await world.enterContainer('stopContainer', containerId, signal)
      if (isAlive(cell)) world.end(cell, 143)
      return cell.state.exitCode
    },

    async killContainer(containerId: string, signalName: string, signal: AbortSignal): Promise<void> {
      const cell = await world.enterContainer('killContainer', containerId, signal)
      if (!isAlive(cell)) throw notRunning(cell)
      if (signalName.replace('SIG', '') === 'KILL') world.end(cell, 137)
    },

    async pauseContainer(containerId: string, signal: AbortSignal): Promise<void> {
      const cell = await world.enterContainer('pauseContainer', containerId, signal)
      const { status, containerName } = cell.state
      if (status === 'paused') throw new DriverError('refused', `container "${containerName}" is paused already`)
      if (status !== 'running') throw notRunning(cell)
      world.change(cell, { status: 'paused' })
      world.tell(cell, 'pause')
    },

    async unpauseContainer(containerId: string, signal: AbortSignal): Promise<void> {
      const cell = await world.enterContainer('unpauseContainer', containerId, signal)
      const { status, containerName } = cell.state
      if (!isAlive(cell)) throw notRunning(cell)
      if (status !== 'paused') throw new DriverError('refused', `container "${containerName}" is not paused`)
      world.change(cell, { status: 'running' })
      world.tell(cell, 'unpause')
    },
  }
}
