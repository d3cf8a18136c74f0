import { Flags } from '@oclif/core'
import { type CopyDirection, readCopyOperands } from '../cli/copy-operands.ts'
import { bytesOf } from '../cli/exec-terminal.ts'
import { integerFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireReplicas, requireServices } from '../cli/service-selection.ts'
import type { CopyFrom, ObservedContainer } from '../driver/driver.ts'

export default class Cp extends ProjectCommand {
  static override summary = 'Copy files/folders between a service container and the local filesystem'
  static override usage =
    'cp [OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\ttscompose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH'
  static override operandCount = { least: 2, most: 2 }
  static override flags = {
    all: Flags.boolean({ description: 'Include containers created by the run command' }),
    archive: Flags.boolean({ char: 'a', description: 'Archive mode (copy all uid/gid information)' }),
    'follow-link': Flags.boolean({ char: 'L', description: 'Always follow symbol link in SRC_PATH' }),
    index: integerFlag({ description: 'Index of the container if service has multiple replicas' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Cp)
    const copy = readCopyOperands(this.operands, process.cwd())
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([copy.serviceName], subject, containers)
    const chosen = select(containers, { copy, all: flags.all, index: flags.index ?? 0 })
    for (const container of chosen) {
      this.#say(container, copy, 'Copying')
      if (flags['dry-run']) continue
      await this.#copy(container, copy, { followLink: flags['follow-link'], keepOwners: flags.archive })
      this.#say(container, copy, 'Copied')
    }
  }

  async #copy({ containerId }: ObservedContainer, copy: CopyDirection, how: How): Promise<void> {
    const { kind, containerPath, localPath } = copy
    if (kind === 'from') {
      const target = localPath === '-' ? this.output.out : localPath
      return this.driver.copyFrom(containerId, { source: containerPath, target, ...how }, this.signal)
    }
    const over = new AbortController()
    const source = localPath === '-' ? bytesOf(process.stdin, over.signal) : localPath
    await this.driver
      .copyInto(containerId, { source, target: containerPath, ...how }, this.signal)
      .finally(() => over.abort())
  }

  #say(
    { containerName }: ObservedContainer,
    { kind, source, target, containerPath }: CopyDirection,
    what: string,
  ): void {
    const there = `${containerName}:${containerPath}`
    const route = kind === 'into' ? `${source} to ${there}` : `${there} to ${target}`
    this.output.err(` ${containerName} copy ${route} ${what}\n`)
  }
}

type How = Pick<CopyFrom, 'followLink' | 'keepOwners'>

interface Selection {
  readonly copy: CopyDirection
  readonly all: boolean
  /** 0 is every replica. */
  readonly index: number
}

/** Into every replica, unless one is chosen; from the first, and from a stream into the first, because it can be read only once. */
function select(
  containers: readonly ObservedContainer[],
  { copy, all, index }: Selection,
): readonly ObservedContainer[] {
  const { serviceName, kind, localPath } = copy
  const own = requireReplicas(containers, { serviceName, index, all })
  return kind === 'from' || localPath === '-' ? own.slice(0, 1) : own
}
