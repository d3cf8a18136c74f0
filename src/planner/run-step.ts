/** One step, one call on the driver. The only knowledge here is which id a name stands for by now. */
import {
  type BuildEvent,
  type ContainerSpec,
  DriverError,
  type DriverErrorCode,
  LABEL,
  type PullEvent,
  type PushEvent,
} from '../driver/driver.ts'
import { withLentVolumes } from './lent-volumes.ts'
import type { Step, StepOf } from './plan.ts'
import { hookFailed, openEar, runHooks, runParting } from './run-hooks.ts'
import type { Ledger, StepContext } from './step-context.ts'
import { waitForContainer } from './wait.ts'

/** Says how it ended by itself, because for some steps only the call knows the word for it. */
export async function runStep(step: Step, context: StepContext): Promise<void> {
  const { ledger, reporter } = context
  switch (step.kind) {
    case 'wait-container':
      return await waitForContainer(step, idOf(step, ledger), context)
    case 'pull-image':
      await pullImage(step, context)
      break
    case 'push-image':
      await pushImage(step, context)
      break
    case 'build-image':
      await buildImage(step, context)
      break
    case 'remove-image':
    case 'remove-network':
    case 'remove-volume':
      return await removeShared(step, context)
    case 'create-network':
      return await createNetwork(step, context)
    case 'create-volume':
    case 'create-container':
      await create(step, context)
      break
    case 'run-container':
      await runToEnd(step, context)
      break
    case 'start-container':
      return await startContainer(step, idOf(step, ledger), context)
    case 'stop-container':
    case 'kill-container':
    case 'pause-container':
    case 'unpause-container':
    case 'remove-container':
    case 'rename-container':
    case 'update-container':
      await changeContainer(step, idOf(step, ledger), context)
  }
  reporter.finish(step)
}

async function pullImage(step: StepOf<'pull-image'>, context: StepContext): Promise<void> {
  const onEvent = (event: PullEvent): void => {
    if (event.kind === 'done') context.ledger.imageIds.set(step.image, event.imageId)
    else context.reporter.pull(step, event)
  }
  const { image, platform } = step
  await context.driver.pullImage({ image, ...(platform === undefined ? {} : { platform }) }, onEvent, context.signal)
}

/** Several are built at the same time: each line says whose it is. */
async function buildImage(step: StepOf<'build-image'>, context: StepContext): Promise<void> {
  const { request, serviceName } = step
  const onEvent = (event: BuildEvent): void => {
    if (event.kind === 'done') context.ledger.imageIds.set(request.image, event.imageId)
    else context.reporter.output(step, `${serviceName ?? request.image} ${event.line}`)
  }
  await context.driver.buildImage(request, onEvent, context.signal)
}

async function pushImage(step: StepOf<'push-image'>, context: StepContext): Promise<void> {
  const onEvent = (event: PushEvent): void => {
    if (event.kind === 'done') context.ledger.pushedImages.set(step.image, event)
    else context.reporter.push(step, event)
  }
  const { image, platform } = step
  await context.driver.pushImage({ image, ...(platform === undefined ? {} : { platform }) }, onEvent, context.signal)
}

/** It is there, whatever else on this host may be in its way. */
async function createNetwork(step: StepOf<'create-network'>, { driver, reporter, signal }: StepContext): Promise<void> {
  const obstacles = await driver.createNetwork(step.spec, signal)
  reporter.finish(step)
  for (const sentence of obstacles) reporter.caution(step, sentence)
}

async function create(
  step: StepOf<'create-volume' | 'create-container'>,
  { driver, ledger, signal }: StepContext,
): Promise<void> {
  switch (step.kind) {
    case 'create-volume':
      return await driver.createVolume(step.spec, signal)
    case 'create-container': {
      const spec = await withLentVolumes(resolveSpec(step.spec, ledger), step.borrowsFrom, { driver, ledger, signal })
      const containerId = await driver.createContainer(spec, signal)
      ledger.containerIds.set(step.spec.containerName, containerId)
    }
  }
}

/** Whatever comes of it, it is gone afterwards. */
async function runToEnd(step: StepOf<'run-container'>, context: StepContext): Promise<void> {
  const { driver, ledger, signal } = context
  const { containerName } = step.spec
  const { serviceName = '' } = step
  const containerId = await driver.createContainer(resolveSpec(step.spec, ledger), signal)
  try {
    const ear = openEar(context.hookListener, { containerName, serviceName })
    const exitCode = await driver.startAttached(containerId, { stdout: ear.hear, stderr: ear.hear }, signal)
    const { at } = step.because
    if (exitCode !== 0)
      throw hookFailed({ kind: 'pre_start', ...(at && { at }) }, serviceName, { exitCode, last: ear.last() })
  } finally {
    await driver.removeContainer(containerId, { anonymousVolumes: true }, new AbortController().signal)
  }
}

/** It counts as started when its hooks have run, so that whoever depends on it finds what they have made. */
async function startContainer(
  step: StepOf<'start-container'>,
  containerId: string,
  context: StepContext,
): Promise<void> {
  const ports = await context.driver.startContainer(containerId, context.signal)
  if (step.postStart) {
    context.hookListener.onRunning(step.containerName)
    await runHooks(step.postStart, siteOf(step, containerId), context)
  }
  context.reporter.started(step, ports)
}

const siteOf = (
  { containerName, serviceName = '' }: ContainerStep | StepOf<'start-container'>,
  containerId: string,
) => ({
  containerId,
  containerName,
  serviceName,
})

/** What somebody else still uses is left to them where the plan says so: `down` is not the owner of everything it names. */
async function removeShared(
  step: StepOf<'remove-image' | 'remove-network' | 'remove-volume'>,
  { driver, reporter, signal }: StepContext,
): Promise<void> {
  try {
    if (step.kind === 'remove-image') await driver.removeImage(step.image, signal)
    else if (step.kind === 'remove-network') await driver.removeNetwork(step.networkName, signal)
    else await driver.removeVolume(step.volumeName, signal)
    reporter.finish(step)
  } catch (error) {
    if (step.inUse === 'fail' || !(error instanceof DriverError) || !IN_USE.has(error.code)) throw error
    reporter.warn(step, 'Resource is still in use')
  }
}

const IN_USE: ReadonlySet<DriverErrorCode> = new Set(['image-in-use', 'network-in-use', 'volume-in-use'])

type ContainerStep = StepOf<
  | 'stop-container'
  | 'kill-container'
  | 'pause-container'
  | 'unpause-container'
  | 'remove-container'
  | 'rename-container'
  | 'update-container'
>

async function changeContainer(step: ContainerStep, containerId: string, context: StepContext): Promise<void> {
  const { driver, ledger, signal } = context
  switch (step.kind) {
    case 'stop-container': {
      await runParting(step.preStop ?? [], siteOf(step, containerId), context)
      const grace = step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }
      await driver.stopContainer(containerId, grace, signal)
      return
    }
    case 'kill-container':
      return await driver.killContainer(containerId, step.signalName, signal)
    case 'pause-container':
      return await driver.pauseContainer(containerId, signal)
    case 'unpause-container':
      return await driver.unpauseContainer(containerId, signal)
    case 'remove-container':
      return await driver.removeContainer(containerId, { anonymousVolumes: step.anonymousVolumes }, signal)
    case 'update-container':
      return await driver.updateContainer(containerId, step.update, signal)
    case 'rename-container':
      await driver.renameContainer(containerId, step.newName, signal)
      ledger.containerIds.delete(step.containerName)
      ledger.containerIds.set(step.newName, containerId)
  }
}

function idOf(step: { readonly containerName: string; readonly containerId?: string }, ledger: Ledger): string {
  const containerId = step.containerId ?? ledger.containerIds.get(step.containerName)
  if (containerId === undefined)
    throw new Error(`the plan names container "${step.containerName}" before it is made; please report this`)
  return containerId
}

/** Puts ids where the plan could only say names, and the image's id where the image had to be fetched first. */
function resolveSpec(spec: ContainerSpec, ledger: Ledger): ContainerSpec {
  const { networkMode, pid, ipc } = spec
  const idFor = (reference: string): string => ledger.containerIds.get(reference) ?? reference
  const imageId = ledger.imageIds.get(spec.image)
  return {
    ...spec,
    ...(imageId !== undefined && { labels: { ...spec.labels, [LABEL.image]: imageId } }),
    ...(networkMode.kind === 'container' && {
      networkMode: { ...networkMode, containerId: idFor(networkMode.containerId) },
    }),
    ...(typeof pid === 'object' && { pid: { container: idFor(pid.container) } }),
    ...(typeof ipc === 'object' && { ipc: { container: idFor(ipc.container) } }),
  }
}
