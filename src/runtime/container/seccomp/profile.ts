/** Profiles of system calls: as files have them, with conditions on the container, and as the OCI document has them, without. */

export const ACTIONS = [
  ...['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_KILL_THREAD'],
  ...['SCMP_ACT_LOG', 'SCMP_ACT_TRACE', 'SCMP_ACT_TRAP'],
] as const

export const COMPARISONS = [
  ...['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT'],
  'SCMP_CMP_MASKED_EQ',
] as const

export const FLAGS = ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_TSYNC'] as const

/** A comparison of one argument; of a masked one, `value` is the mask. */
export interface Test {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  readonly op: string
}

/** What a container must be like: every capability, one of the architectures, a kernel at least as new. */
export interface Condition {
  readonly caps?: readonly string[]
  /** Go's words: `amd64`, `arm64`. */
  readonly arches?: readonly string[]
  readonly minKernel?: string
}

export interface OciSyscall {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly Test[]
}

export interface Rule extends OciSyscall {
  readonly includes?: Condition
  readonly excludes?: Condition
}

export interface OciSeccomp {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly flags?: readonly string[]
  readonly syscalls: readonly OciSyscall[]
}

/** Docker's format, which podman and CRI-O share. */
export interface Profile {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  /** Which other ways of calling the kernel belong to a machine's own. */
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] }[]
  readonly flags?: readonly string[]
  readonly syscalls: readonly Rule[]
}
