/** What a container uses: its control groups' sums, and the traffic of its own network. */
import { readlinkSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { ResourceUsage } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { readText } from '../state/record-file.ts'
import { cgroupsPath } from './cgroups-path.ts'
import { requireContainer } from './record.ts'
import { isUp, readState } from './state.ts'

/** Undefined when it does not run. */
export function readUsage({ paths, native }: Runtime, containerId: string): ResourceUsage | undefined {
  requireContainer(paths, containerId)
  const state = readState(paths, containerId)
  if (!isUp(state) || state.pid === 0) return undefined
  const usage = native().addon.cgroupUsage(cgroupsPath(paths, containerId))
  const machineBytes = totalmem()
  return {
    atMs: Number(process.hrtime.bigint() / 1000n) / 1000,
    cpuMs: usage.cpuUs / 1000,
    memoryBytes: usage.memoryBytes,
    memoryLimitBytes: Math.min(usage.memoryLimitBytes ?? machineBytes, machineBytes),
    ...trafficOf(state.pid),
    readBytes: usage.readBytes,
    writtenBytes: usage.writtenBytes,
    tasks: usage.tasks,
  }
}

type Traffic = Pick<ResourceUsage, 'receivedBytes' | 'sentBytes'>

/** Of all interfaces but the loopback. The host's network is not the container's. */
function trafficOf(pid: number): Traffic {
  const none = { receivedBytes: 0, sentBytes: 0 }
  try {
    if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')) return none
    return sumTraffic(readText(`/proc/${pid}/net/dev`) ?? '')
  } catch {
    // It has ended meanwhile.
    return none
  }
}

/** Two lines of headings, then `  eth0: 1024 …`: received bytes are the first number, sent ones the ninth. */
export function sumTraffic(text: string): Traffic {
  let receivedBytes = 0
  let sentBytes = 0
  for (const line of text.split('\n').slice(2)) {
    const [name = '', numbers = ''] = line.split(':')
    const fields = numbers.trim().split(/\s+/)
    if (name.trim() === 'lo' || fields.length < 9) continue
    receivedBytes += Number(fields[0])
    sentBytes += Number(fields[8])
  }
  return { receivedBytes, sentBytes }
}
