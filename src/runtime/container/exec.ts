/** Runs another program in a running container, and connects the caller's ends with it. */

import { join } from 'node:path'
import { DriverError, type ExecSpec, type ExecStreams } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir, controlSocketPath } from '../state/paths.ts'
import { readRecord } from '../state/record-file.ts'
import { type ControlConnection, open } from './control.ts'
import { ControlRefusal, type ControlRequest } from './control-answer.ts'
import { converse } from './converse.ts'
import { boundingCapabilities } from './machine.ts'
import type { MonitorSpec, OciProcess } from './monitor-spec.ts'
import { requireContainer } from './record.ts'
import { everyCapability } from './spec/capabilities.ts'
import { overlay } from './spec/environment.ts'
import { isUp, readState } from './state.ts'
import { notRunning } from './stop.ts'

export interface ExecRequest {
  readonly containerId: string
  readonly spec: ExecSpec
  readonly streams: ExecStreams
}

/** Codes of what is wrong with the program. Whatever else keeps it from running is an error of the engine's. */
const NOT_RUN = new Set([126, 127])

/** Returns the exit code of the program; 126 or 127, with the reason on stderr, when it could not be run. */
export async function execInContainer(runtime: Runtime, request: ExecRequest, signal: AbortSignal): Promise<number> {
  const { containerId, spec, streams } = request
  const { containerName } = requireContainer(runtime.paths, containerId)
  const state = readState(runtime.paths, containerId)
  if (state.status === 'paused')
    throw new DriverError('refused', `container "${containerName}" is paused`, { hint: 'unpause it first' })
  if (!isUp(state)) throw notRunning(containerName)
  try {
    const connection = await open(
      controlSocketPath(runtime.paths, containerId),
      controlRequest(runtime, request),
      signal,
    )
    return spec.detach ? closed(connection) : await converse(connection, endsOf(spec, streams), 'ends-input')
  } catch (error) {
    if (!(error instanceof ControlRefusal) || error.exitCode === undefined || !NOT_RUN.has(error.exitCode)) throw error
    streams.stderr(Buffer.from(`${error.message}\n`))
    return error.exitCode
  }
}

function controlRequest({ paths }: Runtime, { containerId, spec, streams }: ExecRequest): ControlRequest {
  const path = join(containerDir(paths, containerId), 'spec.json')
  const container = readRecord<MonitorSpec>(path)
  if (container === undefined) throw new DriverError('state-broken', `"${path}" is missing`)
  return {
    op: 'exec',
    process: processOf(container.oci.process, spec),
    user: spec.user || container.user,
    groupAdd: container.groupAdd,
    stdin: spec.stdin,
    detach: spec.detach,
    ...(streams.terminalSize ?? { rows: 24, columns: 80 }),
  }
}

/** The container's own program is the pattern; what the caller asks for goes on top. */
function processOf(container: OciProcess, spec: ExecSpec): OciProcess {
  return {
    ...container,
    terminal: spec.tty,
    args: spec.argv,
    env: overlay(container.env, spec.tty ? ['TERM=xterm'] : [], spec.environment),
    cwd: spec.workingDir || container.cwd,
    ...(spec.privileged ? { capabilities: everyCapability(boundingCapabilities()) } : {}),
  }
}

function endsOf({ stdin }: ExecSpec, { stdin: input, ...streams }: ExecStreams): ExecStreams {
  return stdin && input !== undefined ? { ...streams, stdin: input } : streams
}

function closed({ socket }: ControlConnection): number {
  socket.destroy()
  return 0
}
