/** What a container may use, and what becomes of it when it ends. */
import type { ContainerSpec, HealthcheckSpec, ResourceSpec, RestartPolicy } from '../driver/driver.ts'
import type { HealthCheck, Service, Ulimit } from '../model/project.ts'
import { parseBytes, parseDuration } from '../model/units.ts'
import { toBlockIo } from './container-devices.ts'

/** `deploy.resources` speaks last, as with Docker Compose; reservations of CPUs mean something to Swarm only. */
export function toResources(service: Service): ResourceSpec {
  const limits = service.deploy?.resources?.limits
  const reservations = service.deploy?.resources?.reservations
  return withoutUndefined({
    nanoCpus: toNanoCpus(limits?.cpus ?? service.cpus),
    cpuShares: service.cpu_shares,
    cpuQuotaUs: service.cpu_quota,
    cpuPeriodUs: service.cpu_period,
    cpusetCpus: service.cpuset,
    cpuRealtimeRuntimeUs: service.cpu_rt_runtime,
    cpuRealtimePeriodUs: service.cpu_rt_period,
    memoryBytes: toBytes(limits?.memory ?? service.mem_limit),
    memorySwapBytes: toBytes(service.memswap_limit),
    memoryReservationBytes: toBytes(reservations?.memory ?? service.mem_reservation),
    memorySwappiness: service.mem_swappiness === undefined ? undefined : Number(service.mem_swappiness),
    oomKillDisable: service.oom_kill_disable,
    blockIo: toBlockIo(service.blkio_config),
    pidsLimit: limits?.pids ?? service.pids_limit,
  })
}

function toNanoCpus(cpus: number | undefined): number | undefined {
  return cpus === undefined ? undefined : Math.round(cpus * 1e9)
}

export function toBytes(bytes: string | undefined): number | undefined {
  return bytes === undefined ? undefined : parseBytes(bytes)
}

export function toUlimits(service: Service): ContainerSpec['ulimits'] {
  return Object.fromEntries(Object.entries(service.ulimits ?? {}).map(([name, limit]) => [name, toUlimit(limit)]))
}

function toUlimit(limit: Ulimit): { readonly soft: number; readonly hard: number } {
  if (typeof limit === 'number') return { soft: limit, hard: limit }
  return { soft: limit.soft ?? limit.hard ?? -1, hard: limit.hard ?? limit.soft ?? -1 }
}

/** `deploy.restart_policy` speaks last, as with Docker Compose; its condition is `any` where none is written. */
export function toRestart(service: Service): RestartPolicy {
  const policy = service.deploy?.restart_policy
  if (policy === undefined) return readRestart(service.restart ?? 'no')
  const kind = CONDITIONS[policy.condition ?? 'any'] ?? 'no'
  return { kind, maxRetries: kind === 'on-failure' ? (policy.max_attempts ?? 0) : 0 }
}

const CONDITIONS: Readonly<Record<string, RestartPolicy['kind']>> = {
  none: 'no',
  any: 'always',
  'on-failure': 'on-failure',
  always: 'always',
  'unless-stopped': 'unless-stopped',
}

function readRestart(text: string): RestartPolicy {
  const [name = 'no', retries = '0'] = text.split(':')
  const kind = name === 'no' ? 'no' : (CONDITIONS[name] ?? 'no')
  return { kind, maxRetries: kind === 'on-failure' ? Number(retries) : 0 }
}

export function toHealthcheck(check: HealthCheck): HealthcheckSpec {
  if (check.disable) return { test: ['NONE'] }
  return withoutUndefined({
    test: check.test,
    intervalMs: toMs(check.interval),
    timeoutMs: toMs(check.timeout),
    retries: check.retries,
    startPeriodMs: toMs(check.start_period),
    startIntervalMs: toMs(check.start_interval),
  })
}

export function toMs(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration)
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Absent is not the same as undefined to those who merge records. */
export function withoutUndefined<T extends object>(record: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>
}
