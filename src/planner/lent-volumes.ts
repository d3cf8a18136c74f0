/** `volumes_from` a container that was made a moment ago: its anonymous volumes have names only now. */
import type { ContainerSpec, MountSpec } from '../driver/driver.ts'
import { parentsFirst } from './container-mounts.ts'
import type { Lender } from './plan.ts'
import type { StepContext } from './step-context.ts'

/** What the borrower mounts itself at the same place wins. */
export async function withLentVolumes(
  spec: ContainerSpec,
  lenders: readonly Lender[] = [],
  { driver, ledger, signal }: Pick<StepContext, 'driver' | 'ledger' | 'signal'>,
): Promise<ContainerSpec> {
  if (lenders.length === 0) return spec
  const mounts = new Map<string, MountSpec>(spec.mounts.map((mount) => [mount.target, mount]))
  for (const { containerName, readOnly } of lenders) {
    const lender = await driver.inspectContainer(ledger.containerIds.get(containerName) ?? containerName, signal)
    for (const { kind, name, target, subpath, ...mount } of lender.mounts) {
      if (kind !== 'volume' || name === undefined || mounts.has(target)) continue
      const how = { readOnly: readOnly || mount.readOnly, noCopy: true, ...(subpath !== undefined && { subpath }) }
      mounts.set(target, { kind, volumeName: name, target, ...how })
    }
  }
  return { ...spec, mounts: [...mounts.values()].sort(parentsFirst) }
}
