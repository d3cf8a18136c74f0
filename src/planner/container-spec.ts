/** One replica of a service as the driver takes it. Every attribute is read here or in a file named container-…; review.ts lists the rest. */
import { posix } from 'node:path'
import type { ContainerSpec } from '../driver/driver.ts'
import { toDevices } from './container-devices.ts'
import {
  toBytes,
  toHealthcheck,
  toMs,
  toResources,
  toRestart,
  toUlimits,
  withoutUndefined,
} from './container-limits.ts'
import { toMounts } from './container-mounts.ts'
import { toNetworkMode, toPorts } from './container-network.ts'
import { containerLabels } from './labels.ts'
import { imageOf } from './names.ts'
import type { ReplicaSite } from './replica-site.ts'

/** `createdAs` is the name until the final one is free. */
export function toContainerSpec(site: ReplicaSite, createdAs: string = site.containerName): ContainerSpec {
  const { project, service } = site
  return {
    containerName: createdAs,
    image: imageOf(project, site.serviceName, service),
    labels: containerLabels(project, service, site),
    environment: toEnvironment(service.environment ?? {}),
    ...toPrivileges(site),
    ulimits: toUlimits(service),
    restart: toRestart(service),
    mounts: toMounts(site),
    networkMode: toNetworkMode(site),
    ports: toPorts(service),
    expose: service.expose ?? [],
    extraHosts: (service.extra_hosts ?? []).map(toExtraHost),
    dns: { servers: service.dns ?? [], search: service.dns_search ?? [], options: service.dns_opt ?? [] },
    resources: toResources(service),
    logging: { driver: service.logging?.driver ?? 'json-file', options: service.logging?.options ?? {} },
    annotations: service.annotations ?? {},
    tty: service.tty ?? false,
    stdinOpen: service.stdin_open ?? false,
    ...toOptional(site),
  }
}

function toPrivileges({ project, service }: ReplicaSite) {
  return {
    groupAdd: service.group_add ?? [],
    init: service.init ?? false,
    readOnly: service.read_only ?? false,
    privileged: service.privileged ?? false,
    capAdd: service.cap_add ?? [],
    capDrop: service.cap_drop ?? [],
    securityOpt: (service.security_opt ?? []).map((option) => toSecurityOption(option, project.workingDir)),
    sysctls: service.sysctls ?? {},
    ...toDevices(service),
    storageOpt: service.storage_opt ?? {},
  }
}

/** A profile of system calls is a file of the project's; what begins with a brace is the profile itself. */
function toSecurityOption(option: string, workingDir: string): string {
  const [, profile] = /^seccomp[=:](.+)$/s.exec(option) ?? []
  if (profile === undefined || profile === 'unconfined' || profile === 'builtin' || /^\s*\{/.test(profile))
    return option
  return `seccomp=${posix.resolve(workingDir, profile)}`
}

/** What is left to the image or the driver where the user says nothing. */
function toOptional(site: ReplicaSite): Partial<ContainerSpec> {
  const { service } = site
  return withoutUndefined({
    platform: service.platform,
    entrypoint: service.entrypoint,
    command: service.command,
    user: service.user,
    workingDir: service.working_dir,
    hostname: service.hostname,
    domainname: service.domainname,
    oomScoreAdj: service.oom_score_adj,
    shmSizeBytes: toBytes(service.shm_size),
    stopSignal: service.stop_signal,
    stopGraceMs: toMs(service.stop_grace_period),
    healthcheck: service.healthcheck && toHealthcheck(service.healthcheck),
    pid: toPid(site),
    ipc: toIpc(site),
    uts: service.uts === 'host' ? ('host' as const) : undefined,
    userns: service.userns_mode,
    cgroupns: service.cgroup,
    cgroupParent: service.cgroup_parent,
    runtime: service.runtime,
  })
}

/** `null` is a variable that is set nowhere: the container doesn't have it. */
function toEnvironment(environment: Readonly<Record<string, string | null>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))
}

function toExtraHost(entry: string): { readonly host: string; readonly ip: string } {
  const equals = entry.indexOf('=')
  return { host: entry.slice(0, equals), ip: entry.slice(equals + 1) }
}

function toPid(site: ReplicaSite): ContainerSpec['pid'] {
  if (site.service.pid === 'host') return 'host'
  return toContainer(site, site.service.pid)
}

function toIpc(site: ReplicaSite): ContainerSpec['ipc'] {
  const { ipc } = site.service
  if (ipc === 'host' || ipc === 'private' || ipc === 'shareable' || ipc === 'none') return ipc
  return toContainer(site, ipc)
}

function toContainer(site: ReplicaSite, mode: string | undefined): { readonly container: string } | undefined {
  const container = site.containerIn(mode ?? '')
  return container === undefined ? undefined : { container }
}
