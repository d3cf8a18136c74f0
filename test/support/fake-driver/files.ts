/** Files of containers: those that were copied into them. */
import {
  type CommitOptions,
  type CopyFrom,
  type CopyInto,
  type Driver,
  DriverError,
  type FileChange,
} from '../../../src/driver/driver.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'copyInto' | 'copyFrom' | 'listChanges' | 'exportContainer' | 'commitContainer'>

export function fileMethods(world: World): Methods {
  return {
    /** Archives are kept as they come, under their target; files of the machine as what they are called there. */
    async copyInto(containerId: string, copy: CopyInto, signal: AbortSignal): Promise<void> {
      const cell = await world.enterContainer('copyInto', containerId, signal)
      if (typeof copy.source === 'string') return void cell.files.set(copy.target, copy.source)
      let text = ''
      for await (const data of copy.source) text += new TextDecoder().decode(data)
      cell.files.set(copy.target, text)
    },

    async copyFrom(containerId: string, copy: CopyFrom, signal: AbortSignal): Promise<void> {
      const cell = await world.enterContainer('copyFrom', containerId, signal)
      const found = cell.files.get(copy.source)
      if (found === undefined) throw new DriverError('refused', `there is no file "${copy.source}"`)
      if (typeof copy.target === 'string') cell.files.set(copy.target, found)
      else copy.target(new TextEncoder().encode(found))
    },

    /** Its files are those that were copied into it. */
    async listChanges(containerId: string, signal: AbortSignal): Promise<readonly FileChange[]> {
      const { files } = await world.enterContainer('listChanges', containerId, signal)
      return [...files.keys()].sort().map((path) => ({ kind: 'added', path }))
    },

    /** Its files are those that were copied into it, each a line of its path. */
    async exportContainer(containerId: string, write: (data: Uint8Array) => void, signal: AbortSignal): Promise<void> {
      const { files } = await world.enterContainer('exportContainer', containerId, signal)
      write(new TextEncoder().encode([...files.keys()].map((path) => `${path}\n`).join('')))
    },

    /** The image is told apart by its name alone. */
    async commitContainer(containerId: string, options: CommitOptions, signal: AbortSignal): Promise<string> {
      await world.enterContainer('commitContainer', containerId, signal)
      const reference = options.reference ?? world.newId()
      const image = world.imageFor(reference)
      world.images.set(reference, image)
      return image.imageId
    },
  }
}
