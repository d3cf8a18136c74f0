/** Networks, volumes and images of a Docker daemon, and what a project has of all kinds. */
import { isDeepStrictEqual } from 'node:util'
import {
  type Driver,
  DriverError,
  LABEL,
  type NetworkSpec,
  type ObservedContainer,
  type VolumeSpec,
} from '../driver.ts'
import { defined } from './defined.ts'
import type { Engine } from './engine.ts'
import { type Inspected, observedContainer, observedImage, observedNetwork, observedVolume } from './observed.ts'
import { hasStatus } from './refusals.ts'
import type { Seen } from './seen.ts'

type ObjectMethods = Pick<
  Driver,
  | 'observe'
  | 'observeEverywhere'
  | 'findStranded'
  | 'findNetwork'
  | 'createNetwork'
  | 'removeNetwork'
  | 'findVolume'
  | 'createVolume'
  | 'removeVolume'
  | 'findImage'
  | 'removeImage'
>

export function objectMethods(engine: Engine, seen: Seen): ObjectMethods {
  return {
    observe: (projectName, signal) => observe(engine, projectName, signal),
    observeEverywhere: (signal) => containersWith(engine, LABEL.project, signal),
    // The daemon starts its containers by itself.
    findStranded: async () => [],
    findNetwork: (name, signal) => findNetwork(engine, name, signal),
    createNetwork: async (spec, signal) => {
      await createNetwork(engine, spec, signal)
      seen.networks.add(spec.networkName)
      return []
    },
    removeNetwork: async (name, signal) => {
      seen.networks.delete(name)
      await remove(engine, `/networks/${encodeURIComponent(name)}`, signal)
    },
    findVolume: (name, signal) => findVolume(engine, name, signal),
    createVolume: (spec, signal) => createVolume(engine, spec, signal),
    removeVolume: (name, signal) => remove(engine, `/volumes/${encodeURIComponent(name)}`, signal),
    findImage: (reference, signal) => findImage(engine, reference, signal),
    removeImage: async (reference, signal) => {
      await engine.json({ method: 'DELETE', path: `/images/${encodeURIComponent(reference)}`, signal })
    },
  }
}

async function observe(engine: Engine, projectName: string, signal: AbortSignal): ReturnType<Driver['observe']> {
  const label = `${LABEL.project}=${projectName}`
  const filters = JSON.stringify({ label: [label] })
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    containersWith(engine, label, signal),
    engine.json<Parameters<typeof observedNetwork>[0][]>({ path: '/networks', query: { filters }, signal }),
    engine.json<{ readonly Volumes: Parameters<typeof observedVolume>[0][] | null }>({
      path: '/volumes',
      query: { filters },
      signal,
    }),
  ])
  return {
    containers,
    networks: networks.map(observedNetwork),
    volumes: (volumes ?? []).map(observedVolume),
  }
}

async function containersWith(
  engine: Engine,
  label: string,
  signal: AbortSignal,
): Promise<readonly ObservedContainer[]> {
  const query = { all: true, filters: JSON.stringify({ label: [label] }) }
  const listed = await engine.json<readonly { readonly Id: string }[]>({ path: '/containers/json', query, signal })
  const inspected = await Promise.all(listed.map(({ Id }) => inspectIfThere(engine, Id, signal)))
  return inspected.filter((one) => one !== undefined)
}

/** It may go while others are looked at. */
async function inspectIfThere(engine: Engine, id: string, signal: AbortSignal): Promise<ObservedContainer | undefined> {
  const found = await ifThere(engine.json<Inspected>({ path: `/containers/${id}/json`, signal }))
  return found && observedContainer(found)
}

async function findNetwork(engine: Engine, name: string, signal: AbortSignal): ReturnType<Driver['findNetwork']> {
  const filters = JSON.stringify({ name: [name] })
  const found = await engine.json<Parameters<typeof observedNetwork>[0][]>({
    path: '/networks',
    query: { filters },
    signal,
  })
  // The filter takes what contains it.
  const exact = found.find((one) => one.Name === name)
  return exact && observedNetwork(exact)
}

async function createNetwork(engine: Engine, spec: NetworkSpec, signal: AbortSignal): Promise<void> {
  const existing = await findNetwork(engine, spec.networkName, signal)
  if (existing !== undefined) return refuseOthers('network', spec.networkName, existing.labels, spec.labels)
  const config = spec.ipam.map(({ subnet, gateway, ipRange }) =>
    defined({ Subnet: subnet, Gateway: gateway, IPRange: ipRange }),
  )
  const body = {
    Name: spec.networkName,
    Driver: spec.driver,
    Options: spec.driverOptions,
    Internal: spec.internal,
    EnableIPv6: spec.enableIpv6,
    Labels: spec.labels,
    ...(config.length > 0 && { IPAM: { Config: config } }),
  }
  await engine.json({ method: 'POST', path: '/networks/create', body, signal })
}

async function findVolume(engine: Engine, name: string, signal: AbortSignal): ReturnType<Driver['findVolume']> {
  const path = `/volumes/${encodeURIComponent(name)}`
  const found = await ifThere(engine.json<Parameters<typeof observedVolume>[0]>({ path, signal }))
  return found && observedVolume(found)
}

async function createVolume(engine: Engine, spec: VolumeSpec, signal: AbortSignal): Promise<void> {
  const existing = await findVolume(engine, spec.volumeName, signal)
  if (existing !== undefined) return refuseOthers('volume', spec.volumeName, existing.labels, spec.labels)
  const { volumeName: Name, driver: Driver, driverOptions: DriverOpts, labels: Labels } = spec
  await engine.json({ method: 'POST', path: '/volumes/create', body: { Name, Driver, DriverOpts, Labels }, signal })
}

function refuseOthers(kind: string, name: string, found: object, asked: object): void {
  if (isDeepStrictEqual({ ...found }, { ...asked })) return
  throw new DriverError('name-in-use', `a ${kind} named "${name}" exists already, with other labels`, {
    hint: 'give this one another name, or say "external: true" to use the existing one',
  })
}

export async function findImage(
  engine: Engine,
  reference: string,
  signal: AbortSignal,
): ReturnType<Driver['findImage']> {
  const path = `/images/${encodeURIComponent(reference)}/json`
  const found = await ifThere(engine.json<Parameters<typeof observedImage>[0]>({ path, signal }))
  return found && observedImage(found)
}

/** Done when it is gone already. */
async function remove(engine: Engine, path: string, signal: AbortSignal): Promise<void> {
  await ifThere(engine.json({ method: 'DELETE', path, signal }))
}

export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (hasStatus(error, 404)) return undefined
    throw error
  }
}
