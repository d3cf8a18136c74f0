/** One question to a monitor (docs/monitor.md) and its answer, without Node's sockets. */
import { closeSync } from 'node:fs'
import { calledBack } from '../called-back.ts'
import type { NativeAddon } from '../native.ts'
import type { Runtime } from '../runtime.ts'
import { controlSocketPath } from '../state/paths.ts'
import { type ControlAnswer, type ControlRequest, lostError, readAnswer } from './control-answer.ts'

/** `monitor-lost` when nobody answers. */
export async function ask(
  { paths, native }: Runtime,
  { containerId, ...request }: ControlRequest & { readonly containerId: string },
  signal: AbortSignal,
): Promise<ControlAnswer> {
  const question = { path: controlSocketPath(paths, containerId), text: `${JSON.stringify(request)}\n` }
  const line = await lineBack(native().addon, question, signal).catch((error: unknown) => {
    throw lostError(error)
  })
  if (line === '') throw lostError()
  return readAnswer(line)
}

/** Whoever stops waiting hangs up: the monitor is not to work for nobody. */
async function lineBack(
  addon: NativeAddon,
  { path, text }: { readonly path: string; readonly text: string },
  signal: AbortSignal,
): Promise<string> {
  let connection: number | undefined
  try {
    return await calledBack<string>(signal, (done) => {
      connection = addon.ask(path, text, done)
    })
  } finally {
    if (connection !== undefined) {
      addon.hangUp(connection)
      closeSync(connection)
    }
  }
}
