/** Limits: cgroup settings and rlimits as OCI writes them. Pure. */
import { type ContainerSpec, DriverError, type ResourceSpec } from '../../../driver/driver.ts'
import type { OciProcess, OciResources } from '../monitor-spec.ts'
import { blockIoOf } from './block-io.ts'

const PERIOD_US = 100_000
const NANOS_PER_CPU = 1e9

/** What of a machine matters to limits. */
interface Machine {
  readonly devices: OciResources['devices']
  /** Left out: the planner has said that they have no effect. */
  readonly unknown: readonly (keyof ResourceSpec)[]
}

export function resourcesOf(spec: Pick<ContainerSpec, 'resources'>, { devices, unknown }: Machine): OciResources {
  refuseOutside(spec.resources)
  const resources = { ...spec.resources, ...Object.fromEntries(unknown.map((key) => [key, undefined])) }
  const memory = memoryOf(resources)
  const cpu = cpuOf(resources)
  return {
    devices,
    ...(Object.keys(memory).length === 0 ? {} : { memory }),
    ...(Object.keys(cpu).length === 0 ? {} : { cpu }),
    ...(resources.blockIo === undefined ? {} : { blockIO: blockIoOf(resources.blockIo) }),
    ...(resources.pidsLimit !== undefined && resources.pidsLimit > 0 ? { pids: { limit: resources.pidsLimit } } : {}),
  }
}

interface Range {
  readonly attribute: string
  readonly least: number
  readonly most: number
  /** What the number is counted in by the user, as a part of what it is counted in here. */
  readonly unit?: number
}

/** Within these the kernel takes a number as it is, as far as the machine goes; Docker refuses what is outside. */
const RANGES: { readonly [R in keyof ResourceSpec]?: Range } = {
  nanoCpus: { attribute: 'cpus', least: NANOS_PER_CPU / 100, most: Number.MAX_SAFE_INTEGER, unit: NANOS_PER_CPU },
  cpuShares: { attribute: 'cpu_shares', least: 2, most: 262_144 },
  cpuQuotaUs: { attribute: 'cpu_quota', least: 1000, most: Number.MAX_SAFE_INTEGER },
  cpuPeriodUs: { attribute: 'cpu_period', least: 1000, most: 1_000_000 },
  memoryBytes: { attribute: 'mem_limit', least: 1, most: Number.MAX_SAFE_INTEGER },
}

/** 0 is no limit everywhere, and -1 is none for a quota. */
function refuseOutside(resources: ResourceSpec): void {
  for (const [key, { attribute, least, most, unit = 1 }] of Object.entries(RANGES)) {
    const value = Number(resources[key as keyof ResourceSpec] ?? 0)
    if (value === 0 || (value >= least && value <= most) || (attribute === 'cpu_quota' && value === -1)) continue
    const range = most === Number.MAX_SAFE_INTEGER ? `${least / unit} or more` : `a number from ${least} to ${most}`
    throw new DriverError('refused', `"${attribute}" can't be ${value / unit}`, {
      hint: `use ${range}, or leave it out for no limit`,
    })
  }
}

/** A memory limit without one for swap allows as much swap again; -1 is without limit. */
function memoryOf(resources: ResourceSpec): NonNullable<OciResources['memory']> {
  const { memoryBytes: limit, memorySwapBytes: swap, memoryReservationBytes: reservation } = resources
  const { memorySwappiness: swappiness } = resources
  if (swap && swap > 0 && limit === undefined) {
    throw new DriverError(
      'refused',
      'a limit of memory and swap ("memswap_limit") needs a memory limit too ("mem_limit")',
    )
  }
  if (swap && limit && swap > 0 && swap < limit) {
    throw new DriverError(
      'refused',
      'the limit of memory and swap ("memswap_limit") is below the memory limit ("mem_limit")',
    )
  }
  if (limit && reservation && reservation > limit) {
    throw new DriverError(
      'refused',
      'the memory reservation ("mem_reservation") is above the memory limit ("mem_limit")',
    )
  }
  return {
    ...(limit ? { limit, swap: swap || limit * 2 } : {}),
    ...(reservation && reservation > 0 ? { reservation } : {}),
    ...(swappiness === undefined || swappiness === -1 ? {} : { swappiness: swappinessOf(swappiness) }),
    ...(resources.oomKillDisable ? { disableOOMKiller: true } : {}),
  }
}

function swappinessOf(swappiness: number): number {
  if (Number.isInteger(swappiness) && swappiness >= 0 && swappiness <= 100) return swappiness
  throw new DriverError('refused', `"mem_swappiness" can't be ${swappiness}`, { hint: 'use a number from 0 to 100' })
}

function cpuOf(resources: ResourceSpec): NonNullable<OciResources['cpu']> {
  const { nanoCpus, cpuShares, cpuQuotaUs, cpuPeriodUs, cpusetCpus } = resources
  if (nanoCpus && (cpuQuotaUs || cpuPeriodUs)) {
    throw new DriverError(
      'refused',
      '"cpus" can\'t be combined with "cpu_quota" or "cpu_period": they set the same thing',
    )
  }
  const share = nanoCpus ? { quota: Math.round((nanoCpus * PERIOD_US) / NANOS_PER_CPU), period: PERIOD_US } : {}
  return {
    ...(cpuShares ? { shares: cpuShares } : {}),
    ...(cpuQuotaUs ? { quota: cpuQuotaUs } : {}),
    ...(cpuPeriodUs ? { period: cpuPeriodUs } : {}),
    ...share,
    ...(cpusetCpus ? { cpus: cpusetCpus } : {}),
    ...(resources.cpuRealtimeRuntimeUs ? { realtimeRuntime: resources.cpuRealtimeRuntimeUs } : {}),
    ...(resources.cpuRealtimePeriodUs ? { realtimePeriod: resources.cpuRealtimePeriodUs } : {}),
  }
}

const RLIMITS = new Set([
  ...['core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio'],
  ...['rttime', 'sigpending', 'stack'],
])

/** -1 stays -1: the monitor knows it as infinity, which a JavaScript number can't hold. */
export function rlimitsOf(ulimits: ContainerSpec['ulimits']): OciProcess['rlimits'] {
  return Object.entries(ulimits).map(([name, { soft, hard }]) => {
    if (!RLIMITS.has(name)) throw new DriverError('refused', `"${name}" is not a ulimit`)
    if (Math.min(soft, hard) < -1)
      throw new DriverError('refused', `ulimit "${name}" can't be below -1, which is no limit`)
    if (hard !== -1 && (soft === -1 || soft > hard)) {
      throw new DriverError('refused', `ulimit "${name}": the soft limit is above the hard limit`)
    }
    return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard }
  })
}
