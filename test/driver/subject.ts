/** What the contract needs of a driver under test, and the few moves that every test of it makes. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import {
  type ContainerSpec,
  type Driver,
  DriverError,
  type DriverErrorCode,
  LABEL,
  type NetworkSpec,
  type ObservedContainer,
} from '../../src/driver/driver.ts'
import { containerSpec } from '../support/container-spec.ts'

export interface DriverSubject {
  readonly driver: Driver
  /** An image with busybox's programs; has the file /seed/file that says `seed`, owned by 33:33. */
  readonly image: string
  /** The same image with `VOLUME /seed`; not needed where containers run no programs. */
  readonly volumeImage?: string
  /** What could leak; equal before and after each test. */
  readonly snapshot: () => Promise<unknown>
  readonly close: () => Promise<void>
}

export const PROJECT = 'contract'
export const LABELS = { [LABEL.project]: PROJECT }

export interface Bench {
  readonly driver: Driver
  readonly signal: AbortSignal
  readonly image: string
  readonly volumeImage: string
  /** Makes a container of the project that sleeps, unless told otherwise. */
  readonly create: (changes?: Partial<ContainerSpec>) => Promise<string>
  /** The same, started. */
  readonly run: (changes?: Partial<ContainerSpec>) => Promise<string>
  readonly network: (changes?: Partial<NetworkSpec>) => Promise<string>
  readonly inspect: (containerId: string) => Promise<ObservedContainer>
  /** Waits, as long as the driver tells of changes, until the container is as wanted. */
  readonly until: (containerId: string, wanted: (container: ObservedContainer) => boolean) => Promise<ObservedContainer>
}

/** Sets the subject up once, and leaves nothing behind after each test. Call it inside of a `describe`. */
export function useBench(makeSubject: () => Promise<DriverSubject>): Bench {
  let subject: DriverSubject
  let before: unknown
  const signal = AbortSignal.timeout(600_000)

  beforeAll(async () => {
    subject = await makeSubject()
  })
  beforeEach(async () => {
    before = await subject.snapshot()
  })
  afterEach(async () => {
    await removeProject(subject.driver, signal)
    expect(await subject.snapshot()).toEqual(before)
  })
  afterAll(() => subject?.close())

  const spec = (changes: Partial<ContainerSpec> = {}): ContainerSpec =>
    containerSpec({ image: subject.image, labels: LABELS, command: ['sleep', '1000'], stopGraceMs: 100, ...changes })
  const create: Bench['create'] = (changes) => subject.driver.createContainer(spec(changes), signal)
  return {
    get driver() {
      return subject.driver
    },
    get image() {
      return subject.image
    },
    get volumeImage() {
      return subject.volumeImage ?? expect.fail('the subject has an image with a volume')
    },
    signal,
    create,
    run: async (changes) => {
      const containerId = await create(changes)
      await subject.driver.startContainer(containerId, signal)
      return containerId
    },
    network: async (changes = {}) => {
      const network = networkSpec(changes)
      await subject.driver.createNetwork(network, signal)
      return network.networkName
    },
    inspect: (containerId) => subject.driver.inspectContainer(containerId, signal),
    until: (containerId, wanted) => until(subject.driver, containerId, wanted),
  }
}

export function networkSpec(changes: Partial<NetworkSpec> = {}): NetworkSpec {
  return {
    networkName: `${PROJECT}_default`,
    driver: 'bridge',
    driverOptions: {},
    internal: false,
    enableIpv6: false,
    ipam: [],
    labels: LABELS,
    ...changes,
  }
}

/** Expects a refusal with this code, and returns it. */
export async function refusal(code: DriverErrorCode, promise: Promise<unknown>): Promise<DriverError> {
  const error = await promise.then(
    () => expect.fail(`expected "${code}", and it succeeded`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof DriverError)) throw error
  expect(error.code, error.message).toBe(code)
  return error
}

async function until(
  driver: Driver,
  containerId: string,
  wanted: (container: ObservedContainer) => boolean,
): Promise<ObservedContainer> {
  let last: ObservedContainer | undefined
  for await (const container of driver.watchContainer(containerId, AbortSignal.timeout(30_000))) {
    last = container
    if (wanted(container)) return container
  }
  return expect.fail(`the container never became what was waited for; it is ${JSON.stringify(last)}`)
}

async function removeProject(driver: Driver, signal: AbortSignal): Promise<void> {
  const { containers, networks, volumes } = await driver.observe(PROJECT, signal)
  await Promise.all(
    containers.map((one) => driver.removeContainer(one.containerId, { anonymousVolumes: true }, signal)),
  )
  await Promise.all(networks.map((one) => driver.removeNetwork(one.networkName, signal)))
  await Promise.all(volumes.map((one) => driver.removeVolume(one.volumeName, signal)))
}
