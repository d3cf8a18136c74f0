/** A container as it is when it was just created, with the volumes that come with it. */
import type { ContainerSpec, ObservedContainer, ObservedImage } from '../../../src/driver/driver.ts'
import type { Cell } from './cell.ts'
import type { World } from './world.ts'

export function newCell(world: World, containerId: string, spec: ContainerSpec, image: ObservedImage): Cell {
  const mounts = spec.mounts.flatMap((mount) => observeMount(world, mount))
  const covered = new Set(mounts.map((mount) => mount.target))
  for (const target of image.volumes) {
    if (!covered.has(target)) mounts.push(...observeMount(world, { kind: 'anonymous-volume', target, readOnly: false }))
  }
  const written = new Set(spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volumeName] : [])))
  const anonymousVolumes = mounts.flatMap(({ kind, name }) =>
    kind === 'volume' && name !== undefined && !written.has(name) ? [name] : [],
  )
  const networks = spec.networkMode.kind === 'networks' ? spec.networkMode.endpoints : []
  const state: ObservedContainer = {
    containerId,
    containerName: spec.containerName,
    image: spec.image,
    imageId: image.imageId,
    labels: spec.labels,
    status: 'created',
    exitCode: 0,
    oomKilled: false,
    createdAtMs: world.tick(),
    startedAtMs: 0,
    finishedAtMs: 0,
    restartCount: 0,
    argv: [...(spec.entrypoint ?? []), ...(spec.command ?? [])],
    ports: [],
    endpoints: networks.map(({ networkName, aliases }) => ({ networkName, networkId: '', aliases })),
    mounts,
    tty: spec.tty,
    keepsLog: spec.logging.driver !== 'none',
    ...(spec.stopGraceMs !== undefined && { stopGraceMs: spec.stopGraceMs }),
  }
  return { spec, state, watchers: new Set(), log: [], files: new Map(), anonymousVolumes, run: 0 }
}

function observeMount(world: World, mount: ContainerSpec['mounts'][number]): ObservedContainer['mounts'][number][] {
  switch (mount.kind) {
    case 'bind':
      return [{ kind: 'bind', source: mount.source, target: mount.target, readOnly: mount.readOnly }]
    case 'volume':
      return [{ kind: 'volume', name: mount.volumeName, source: '', target: mount.target, readOnly: mount.readOnly }]
    case 'anonymous-volume': {
      const name = world.newId()
      world.volumes.set(name, { volumeName: name, driver: 'local', labels: {} })
      return [{ kind: 'volume', name, source: '', target: mount.target, readOnly: mount.readOnly }]
    }
    case 'tmpfs':
      return [{ kind: 'tmpfs', source: '', target: mount.target, readOnly: false }]
    case 'content':
      return []
  }
}
