/** What an image made of a container is told of how it ran: the spec over its image's configuration, as `docker commit` keeps it. Pure. */
import type { ContainerSpec, HealthcheckSpec } from '../../../driver/driver.ts'
import { overlay } from './environment.ts'
import { exposedPorts } from './exposed-ports.ts'
import type { ImageConfig, ImageHealthcheck } from './image.ts'

/** The place that the container had in a project is no property of an image. */
const PROJECT_LABEL = /^(com\.docker\.compose|tscompose)\./

export function commitConfig(spec: ContainerSpec, image: ImageConfig): ImageConfig {
  const healthcheck = spec.healthcheck?.test?.length ? imageHealthcheck(spec.healthcheck) : image.Healthcheck
  const command = spec.command ?? (spec.entrypoint?.length ? [] : image.Cmd)
  const labels = Object.entries(spec.labels).filter(([name]) => !PROJECT_LABEL.test(name))
  return {
    ...image,
    ...given('User', spec.user),
    ...given('WorkingDir', spec.workingDir),
    ...given('StopSignal', spec.stopSignal),
    ...(healthcheck ? { Healthcheck: healthcheck } : {}),
    Env: overlay(image.Env ?? [], spec.environment),
    Entrypoint: spec.entrypoint ?? image.Entrypoint ?? null,
    Cmd: command ?? null,
    Labels: { ...image.Labels, ...Object.fromEntries(labels) },
    ExposedPorts: keys(exposedPorts(spec, image)),
    Volumes: { ...image.Volumes, ...keys(anonymousVolumes(spec)) },
  }
}

function anonymousVolumes({ mounts }: ContainerSpec): readonly string[] {
  return mounts.flatMap((mount) => (mount.kind === 'anonymous-volume' ? [mount.target] : []))
}

function imageHealthcheck({ test = [], ...times }: HealthcheckSpec): ImageHealthcheck {
  return {
    Test: test,
    Interval: nanoseconds(times.intervalMs),
    Timeout: nanoseconds(times.timeoutMs),
    StartPeriod: nanoseconds(times.startPeriodMs),
    StartInterval: nanoseconds(times.startIntervalMs),
    Retries: times.retries ?? 0,
  }
}

function nanoseconds(milliseconds = 0): number {
  return milliseconds * 1e6
}

function given<K extends string>(key: K, value: string | undefined): { readonly [_ in K]?: string } {
  return value ? ({ [key]: value } as { readonly [_ in K]?: string }) : {}
}

function keys(names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, {}]))
}
