/** Which changes of a service a container takes where it stands. All others need a new one. */
import type { Service } from '../model/project.ts'
import type { FieldChange } from './fields.ts'

/** A label that is gone may have hidden one of the image's. */
export function isInPlace(change: FieldChange, service: Service): boolean {
  const [key, entry] = change.path
  if (key === 'labels') return change.kind !== 'removed'
  if (key === 'restart' || (key === 'deploy' && entry === 'restart_policy')) return true
  if (key === 'mem_limit') return isRaised(String(change.old ?? 0), service.mem_limit)
  return isLimit(change) && change.kind !== 'removed' && isSet(service[key as keyof Service])
}

const LIMITS: ReadonlySet<unknown> = new Set(['cpus', 'cpu_shares', 'cpuset', 'pids_limit', 'mem_limit'])

export const isLimit = ({ path: [key] }: FieldChange): boolean => LIMITS.has(key)

/** What runs already may need all that it was given. */
function isRaised(old: string | undefined, now: string | undefined): boolean {
  return Number(old ?? 0) > 0 && Number(now ?? 0) > Number(old)
}

/** 0 and less take a limit away, which is no setting of the kernel's. */
const isSet = (value: unknown): boolean => (typeof value === 'number' ? value > 0 : value !== undefined && value !== '')
