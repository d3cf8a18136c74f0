/** Runs hooks in a container, one after the other. The first that fails is the last, and stops what it belongs to. */
import { ComposeError } from '../diagnostic.ts'
import { type Driver, DriverError } from '../driver/driver.ts'
import type { HookRun } from './hooks.ts'

/** A piece of what a hook writes, on either stream. */
export interface HookOutput {
  readonly containerName: string
  readonly serviceName: string
  readonly data: Uint8Array
}

export interface HookListener {
  /** A container runs, and its hooks are next. */
  readonly onRunning: (containerName: string) => void
  readonly onOutput: (output: HookOutput) => void
}

/** For hooks that nobody listens to. */
export const NOBODY: HookListener = { onRunning: () => {}, onOutput: () => {} }

export interface HookSite {
  readonly containerId: string
  readonly containerName: string
  readonly serviceName: string
}

export interface HookContext {
  readonly driver: Pick<Driver, 'exec'>
  readonly hookListener: HookListener
  readonly signal: AbortSignal
}

export async function runHooks(hooks: readonly HookRun[], site: HookSite, context: HookContext): Promise<void> {
  for (const hook of hooks) await runHook(hook, site, context)
}

/** What has ended by itself has nobody left to be told that it shall stop. */
export async function runParting(hooks: readonly HookRun[], site: HookSite, context: HookContext): Promise<void> {
  try {
    await runHooks(hooks, site, context)
  } catch (error) {
    if (!isOfEnded(error)) throw error
  }
}

/** Whether it says no more than that a container has ended. */
export function isOfEnded(error: unknown): boolean {
  return (
    error instanceof DriverError && (error.code === 'container-not-found' || error.code === 'container-not-running')
  )
}

async function runHook(hook: HookRun, site: HookSite, context: HookContext): Promise<void> {
  const ear = openEar(context.hookListener, site)
  const streams = { stdout: ear.hear, stderr: ear.hear }
  const exitCode = await context.driver.exec(site.containerId, hook.spec, streams, context.signal)
  if (exitCode !== 0) throw hookFailed(hook, site.serviceName, { exitCode, last: ear.last() })
}

/** Passes on what is written, and remembers the end of it. */
export function openEar(listener: HookListener, { containerName, serviceName }: Omit<HookSite, 'containerId'>) {
  let last = ''
  return {
    hear: (data: Uint8Array): void => {
      last = `${last}${Buffer.from(data).toString()}`.slice(-KEPT)
      listener.onOutput({ containerName, serviceName, data })
    },
    last: (): string => last,
  }
}

/** Of what it wrote, for the one line that is told. */
const KEPT = 1000

/** In Docker Compose's words, which scripts look for. */
export function hookFailed(
  { kind, at }: { readonly kind: string; readonly at?: HookRun['at'] },
  serviceName: string,
  { exitCode, last }: { readonly exitCode: number; readonly last: string },
): ComposeError {
  const line = last.trim().split('\n').at(-1) ?? ''
  return new ComposeError([
    {
      severity: 'error',
      code: 'hook-failed',
      message: `${serviceName} hook exited with status ${exitCode}`,
      hint: line === '' ? `see what its "${kind}" does` : `the last that its "${kind}" said: ${line}`,
      ...(at !== undefined && { at }),
    },
  ])
}
