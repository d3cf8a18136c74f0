/** Text that stands where a number or a boolean is meant, as it does after interpolation: `privileged: ${PRIVILEGED}`. */
import { LONGEST_NUMBER } from '../limits.ts'
import { readFloat } from '../read-float.ts'

export type Cast = (
  text: string,
  notice: (message: string, hint: string) => void,
) => number | boolean | bigint | undefined

const integer: Cast = (text) =>
  text.length <= LONGEST_NUMBER && /^[-+]?\d+$/.test(text) ? safe(BigInt(text.replace('+', ''))) : undefined

const safe = (value: bigint): number | bigint => (BigInt(Number(value)) === value ? Number(value) : value)

const float: Cast = (text) => readFloat(text)

const boolean: Cast = (text, notice) => {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  const value = OLD_WORDS.get(word)
  if (value !== undefined) notice(`"${text}" is not a boolean in YAML 1.2`, `write ${value}`)
  return value
}

/** YAML 1.1's other words for true and false. */
const OLD_WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'yes', 'on'].map((word) => [word, true] as const),
  ...['n', 'no', 'off'].map((word) => [word, false] as const),
])

export interface CastRule {
  readonly cast: Cast
  /** What the value must be, for the message. */
  readonly wanted: string
  /** What to write. */
  readonly example: string
}

export const toInteger: CastRule = { cast: integer, wanted: 'a whole number', example: 'digits only, such as 2' }
export const toFloat: CastRule = { cast: float, wanted: 'a number', example: 'a number such as 0.5' }
export const toBoolean: CastRule = { cast: boolean, wanted: 'true or false', example: 'true or false' }

const service = (path: string, rule: CastRule): readonly [string, CastRule] => [`services.*.${path}`, rule]

/** The places whose text is read as another type. */
export const CASTS: readonly (readonly [string, CastRule])[] = [
  service('cpu_count', toInteger),
  service('cpu_percent', toFloat),
  service('cpu_period', toInteger),
  service('cpu_quota', toInteger),
  service('cpu_rt_period', toInteger),
  service('cpu_rt_runtime', toInteger),
  service('cpus', toFloat),
  service('cpu_shares', toInteger),
  service('init', toBoolean),
  service('depends_on.*.required', toBoolean),
  service('depends_on.*.restart', toBoolean),
  service('deploy.replicas', toInteger),
  service('deploy.update_config.parallelism', toInteger),
  service('deploy.update_config.max_failure_ratio', toFloat),
  service('deploy.rollback_config.parallelism', toInteger),
  service('deploy.rollback_config.max_failure_ratio', toFloat),
  service('deploy.restart_policy.max_attempts', toInteger),
  service('deploy.placement.max_replicas_per_node', toInteger),
  service('healthcheck.retries', toInteger),
  service('healthcheck.disable', toBoolean),
  service('oom_kill_disable', toBoolean),
  service('oom_score_adj', toInteger),
  service('pids_limit', toInteger),
  service('ports.*.target', toInteger),
  service('privileged', toBoolean),
  service('read_only', toBoolean),
  service('scale', toInteger),
  service('stdin_open', toBoolean),
  service('tty', toBoolean),
  service('ulimits.*', toInteger),
  service('ulimits.*.hard', toInteger),
  service('ulimits.*.soft', toInteger),
  service('volumes.*.read_only', toBoolean),
  service('volumes.*.volume.nocopy', toBoolean),
  ['networks.*.external', toBoolean],
  ['networks.*.internal', toBoolean],
  ['networks.*.attachable', toBoolean],
  ['networks.*.enable_ipv4', toBoolean],
  ['networks.*.enable_ipv6', toBoolean],
  ['volumes.*.external', toBoolean],
  ['secrets.*.external', toBoolean],
  ['configs.*.external', toBoolean],
]
