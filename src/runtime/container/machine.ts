/** What this machine has and lets us do, as far as a container's document depends on it. Looks once, and only looks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { hostname, release } from 'node:os'
import type { ResourceSpec } from '../../driver/driver.ts'

/** The capabilities that this process may pass on, as a bit set. */
export const boundingCapabilities = once((): bigint => {
  const [, hex = '0'] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
  return BigInt(`0x${hex}`)
})

/** Version 2 of control groups has lost what few used. Where it rules alone, its list of controllers lies at the top. */
export const unknownResources = once((): readonly (keyof ResourceSpec)[] => {
  const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers')
  return isUnified ? ['cpuRealtimeRuntimeUs', 'cpuRealtimePeriodUs', 'memorySwappiness', 'oomKillDisable'] : []
})

/** `x64`, `6.18.44`, `build-7`. */
export const machine = once(() => ({ architecture: process.arch, kernelRelease: release(), hostname: hostname() }))

const PROCESSORS = '/sys/devices/system/cpu'

/** Where the processors tell their heat: a side channel for whoever shares the machine. */
export const throttlePaths = once((): readonly string[] =>
  readdirSync(PROCESSORS)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => `${PROCESSORS}/${name}/thermal_throttle`)
    .filter((path) => existsSync(path)),
)

function once<T>(look: () => T): () => T {
  let seen: { readonly value: T } | undefined
  return () => {
    seen ??= { value: look() }
    return seen.value
  }
}
