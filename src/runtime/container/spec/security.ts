/** `security_opt`, and the parts of /proc and /sys that a container must not see or write. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'

export interface Security {
  readonly noNewPrivileges: boolean
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
}

const MASKED = [
  ...[
    'acpi',
    'asound',
    'interrupts',
    'kcore',
    'keys',
    'latency_stats',
    'sched_debug',
    'scsi',
    'timer_list',
    'timer_stats',
  ].map((name) => `/proc/${name}`),
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
]

const READ_ONLY = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`)

/** `throttles`: the directories of /sys that tell how hot each processor is. */
export function securityOf(spec: ContainerSpec, throttles: readonly string[]): Security {
  const options = spec.securityOpt.map(readOption)
  const open = spec.privileged || options.some(({ key, value }) => key === 'systempaths' && value === 'unconfined')
  return {
    noNewPrivileges: options.some(({ key, value }) => key === 'no-new-privileges' && value !== 'false'),
    maskedPaths: open ? [] : [...MASKED, ...throttles],
    readonlyPaths: open ? [] : READ_ONLY,
  }
}

interface SecurityOption {
  readonly key: string
  readonly value: string
}

/** The value of an option; of several of one kind the last counts. */
export function lastOption(spec: ContainerSpec, key: string): string | undefined {
  return spec.securityOpt.map(readOption).findLast((option) => option.key === key)?.value
}

/** A container without labels and profiles of AppArmor is what `disable` and `unconfined` ask for. */
const KNOWN: ReadonlyMap<string, RegExp> = new Map([
  ['no-new-privileges', /^(|true|false)$/],
  ['label', /^disable$/],
  ['seccomp', /^/],
  ['apparmor', /^unconfined$/],
  ['systempaths', /^unconfined$/],
])

/** What can't be honoured is refused: a container that is less confined than it was asked to be is worse than none. */
function readOption(text: string): SecurityOption {
  const [, key = text, value = ''] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? []
  if (KNOWN.get(key)?.test(value)) return { key, value }
  throw new DriverError('unsupported', `"security_opt: ${text}" is not supported by the native driver`, {
    hint: 'supported are no-new-privileges, label=disable, seccomp=…, apparmor=unconfined and systempaths=unconfined',
  })
}
