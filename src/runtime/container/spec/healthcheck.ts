/** The health check that runs: the spec's fields over the image's, over Docker's defaults. Pure. */
import type { HealthcheckSpec } from '../../../driver/driver.ts'
import type { MonitorHealthcheck } from '../monitor-spec.ts'
import type { ImageHealthcheck } from './image.ts'

const DEFAULT = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, startIntervalMs: 5_000, retries: 3 }

/** Undefined when there is none, or it was switched off by `NONE`. A field of zero means its default, as in Docker. */
export function healthcheckOf(
  spec: HealthcheckSpec | undefined,
  image: ImageHealthcheck | null | undefined,
): MonitorHealthcheck | undefined {
  const test = spec?.test?.length ? spec.test : (image?.Test ?? [])
  if (test.length === 0 || test[0] === 'NONE') return undefined
  return {
    test,
    intervalMs: spec?.intervalMs || milliseconds(image?.Interval) || DEFAULT.intervalMs,
    timeoutMs: spec?.timeoutMs || milliseconds(image?.Timeout) || DEFAULT.timeoutMs,
    startPeriodMs: spec?.startPeriodMs || milliseconds(image?.StartPeriod) || DEFAULT.startPeriodMs,
    startIntervalMs: spec?.startIntervalMs || milliseconds(image?.StartInterval) || DEFAULT.startIntervalMs,
    retries: spec?.retries || image?.Retries || DEFAULT.retries,
  }
}

function milliseconds(nanoseconds: number | undefined): number {
  return Math.round((nanoseconds ?? 0) / 1e6)
}
