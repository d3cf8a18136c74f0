/** Capabilities: Docker's fourteen, and how `cap_add`, `cap_drop` and `privileged` change them. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import type { OciProcess } from '../monitor-spec.ts'

/** In the kernel's order: the index is the capability's number. */
const ALL = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
].map((name) => `CAP_${name}`)

const DEFAULT = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP'],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
].map((name) => `CAP_${name}`)

/** `bounding` is what this process itself may pass on: more than that nobody can be given. */
export function capabilitiesOf(spec: ContainerSpec, bounding: bigint): OciProcess['capabilities'] {
  return everywhere(granted(spec, within(bounding)))
}

/** What a privileged program gets. */
export function everyCapability(bounding: bigint): OciProcess['capabilities'] {
  return everywhere(within(bounding))
}

function within(bounding: bigint): readonly string[] {
  return ALL.filter((_name, number) => (bounding >> BigInt(number)) & 1n)
}

function everywhere(names: readonly string[]): OciProcess['capabilities'] {
  return { bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] }
}

/** Every capability at once wins over `cap_drop: [ALL]`, as in Docker. */
function granted(spec: ContainerSpec, possible: readonly string[]): readonly string[] {
  if (spec.privileged) return possible
  const add = spec.capAdd.map(canonical)
  const drop = spec.capDrop.map(canonical)
  if (add.includes(EVERY)) return possible.filter((name) => !drop.includes(name))
  if (drop.includes(EVERY)) return unique(add)
  return unique([...DEFAULT.filter((name) => !drop.includes(name)), ...add])
}

const EVERY = 'ALL'

function canonical(name: string): string {
  const upper = name.toUpperCase()
  if (upper === 'ALL') return EVERY
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  if (ALL.includes(full)) return full
  throw new DriverError('refused', `"${name}" is not a capability`, { hint: 'see capabilities(7) for their names' })
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
