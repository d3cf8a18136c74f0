/** What a profile means for one container on one machine: its conditions decided, in the words of the OCI document. Pure. */
import type { Condition, OciSeccomp, OciSyscall, Profile, Rule } from './profile.ts'

export interface Circumstances {
  /** The container's bounding set. */
  readonly capabilities: readonly string[]
  /** Node's word: `x64`, `arm64`. */
  readonly architecture: string
  /** `6.18.44-cloud-amd64`. */
  readonly kernelRelease: string
}

/** Names of the same machine: Node's, Go's and seccomp's. */
const MACHINES: Readonly<Record<string, { readonly go: string; readonly seccomp: string }>> = {
  x64: { go: 'amd64', seccomp: 'SCMP_ARCH_X86_64' },
  arm64: { go: 'arm64', seccomp: 'SCMP_ARCH_AARCH64' },
}

export function resolveProfile(profile: Profile, circumstances: Circumstances): OciSeccomp {
  const { defaultAction, defaultErrnoRet, flags } = profile
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures: architecturesOf(profile, circumstances),
    ...(flags === undefined ? {} : { flags }),
    syscalls: profile.syscalls.filter((rule) => applies(rule, circumstances)).map(withoutConditions),
  }
}

function architecturesOf(profile: Profile, { architecture }: Circumstances): readonly string[] {
  const own = MACHINES[architecture]?.seccomp
  const family = profile.archMap?.find((one) => one.architecture === own)
  return family === undefined ? (profile.architectures ?? []) : [family.architecture, ...family.subArchitectures]
}

/** All of a condition must hold to include, any part of it is enough to exclude. */
function applies({ includes, excludes }: Rule, circumstances: Circumstances): boolean {
  return partsOf(includes, circumstances).every(Boolean) && !partsOf(excludes, circumstances).some(Boolean)
}

/** Whether each thing that is asked holds. */
function partsOf(condition: Condition | undefined, circumstances: Circumstances): readonly boolean[] {
  if (condition === undefined) return []
  const { caps = [], arches = [], minKernel } = condition
  const { capabilities, architecture, kernelRelease } = circumstances
  return [
    ...caps.map((name) => capabilities.includes(name)),
    ...(arches.length === 0 ? [] : [arches.includes(MACHINES[architecture]?.go ?? '')]),
    ...(minKernel === undefined ? [] : [isAtLeast(kernelRelease, minKernel)]),
  ]
}

function isAtLeast(release: string, wanted: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major === wantedMajor ? minor >= wantedMinor : major > wantedMajor
}

function withoutConditions({ names, action, errnoRet, args }: Rule): OciSyscall {
  return { names, action, ...(errnoRet === undefined ? {} : { errnoRet }), ...(args?.length ? { args } : {}) }
}
