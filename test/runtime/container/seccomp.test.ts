import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ContainerSpec } from '../../../src/driver/driver.ts'
import { chooseProfile } from '../../../src/runtime/container/seccomp/choose.ts'
import { DEFAULT_PROFILE } from '../../../src/runtime/container/seccomp/default-profile.ts'
import type { Profile } from '../../../src/runtime/container/seccomp/profile.ts'
import { readProfile } from '../../../src/runtime/container/seccomp/read-profile.ts'
import { type Circumstances, resolveProfile } from '../../../src/runtime/container/seccomp/resolve.ts'
import { containerSpec } from '../../support/container-spec.ts'

const here: Circumstances = { capabilities: ['CAP_CHOWN'], architecture: 'x64', kernelRelease: '6.18.44-test' }

describe('the default profile', () => {
  const rulesFor = (name: string, changes: Partial<Circumstances> = {}) =>
    resolveProfile(DEFAULT_PROFILE, { ...here, ...changes })
      .syscalls.filter((rule) => rule.names.includes(name))
      .map(({ action, errnoRet, args }) => ({ action, errnoRet, args }))
  const allowed = { action: 'SCMP_ACT_ALLOW' }
  const admin = { capabilities: ['CAP_SYS_ADMIN'] }

  test('allows what ordinary programs do', () => {
    for (const name of [
      'read',
      'execve',
      'clone',
      'futex',
      'chroot',
      'statx',
      'epoll_wait',
      'rseq',
      'landlock_restrict_self',
    ]) {
      expect(rulesFor(name, { capabilities: ['CAP_SYS_CHROOT'] }), name).not.toEqual([])
    }
  })
  test('speaks of every call once, or with conditions', () => {
    const { syscalls } = resolveProfile(DEFAULT_PROFILE, here)
    const names = syscalls.filter((rule) => !rule.args?.length).flatMap((rule) => rule.names)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
  test.each([
    ...[
      'keyctl',
      'add_key',
      'request_key',
      'io_uring_setup',
      'userfaultfd',
      'kexec_load',
      'swapon',
      'open_by_handle_at',
    ],
    ...['mount', 'umount2', 'unshare', 'setns', 'bpf', 'perf_event_open', 'init_module', 'reboot', 'chroot', 'acct'],
  ])('does not allow %s', (name) => expect(rulesFor(name)).toEqual([]))
  test('allows calls to those whose capability makes them of use', () => {
    expect(rulesFor('mount', admin)).toEqual([allowed])
    expect(rulesFor('reboot', { capabilities: ['CAP_SYS_BOOT'] })).toEqual([allowed])
    expect(rulesFor('bpf', { capabilities: ['CAP_BPF'] })).toEqual([allowed])
  })
  test('lets nobody but an administrator make namespaces by clone', () => {
    const args = [{ index: 0, value: 0x7e020000, op: 'SCMP_CMP_MASKED_EQ' }]
    expect(rulesFor('clone')).toEqual([{ ...allowed, args }])
    expect(rulesFor('clone3')).toEqual([{ action: 'SCMP_ACT_ERRNO', errnoRet: 38 }])
    expect([rulesFor('clone', admin), rulesFor('clone3', admin)]).toEqual([[allowed], [allowed]])
  })
  test('leaves tracing to kernels on which it goes round no filter', () => {
    expect(rulesFor('ptrace')).toEqual([allowed])
    expect(rulesFor('ptrace', { kernelRelease: '4.4.0' })).toEqual([])
  })
  test('speaks of the ways in which a machine can be called', () => {
    const architectures = (architecture: string) =>
      resolveProfile(DEFAULT_PROFILE, { ...here, architecture }).architectures
    expect(architectures('x64')).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'])
    expect(architectures('arm64')).toEqual(['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'])
    expect([rulesFor('arch_prctl'), rulesFor('arch_prctl', { architecture: 'arm64' })]).toEqual([[allowed], []])
  })
})

describe('the conditions of a rule', () => {
  const applies = (conditions: object, changes: Partial<Circumstances> = {}): boolean => {
    const rule = { names: ['read'], action: 'SCMP_ACT_ALLOW', ...conditions }
    const profile = readProfile(
      'test',
      JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule] }),
    ) as Profile
    return resolveProfile(profile, { ...here, ...changes }).syscalls.length === 1
  }
  const both = { caps: ['CAP_CHOWN', 'CAP_KILL'] }

  test('include only with every capability', () => {
    expect(applies({ includes: both })).toBe(false)
    expect(applies({ includes: both }, { capabilities: both.caps })).toBe(true)
  })
  test('exclude with one of the capabilities', () => {
    expect(applies({ excludes: both })).toBe(false)
    expect(applies({ excludes: both }, { capabilities: [] })).toBe(true)
  })
  test('look at the machine', () => {
    expect(applies({ includes: { arches: ['amd64', 'x86'] } })).toBe(true)
    expect(applies({ includes: { arches: ['arm64'] } })).toBe(false)
    expect(applies({ excludes: { arches: ['amd64'] } })).toBe(false)
    expect(applies({ excludes: { arches: [] }, includes: { caps: [] } })).toBe(true)
  })
  test('look at the kernel', () => {
    const from = (minKernel: string, kernelRelease: string) => applies({ includes: { minKernel } }, { kernelRelease })
    expect([from('4.8', '4.8.0'), from('4.8', '5.1'), from('4.8', '4.10-rc1')]).toEqual([true, true, true])
    expect([from('4.8', '4.7.9'), from('5.0', '4.20')]).toEqual([false, false])
    expect(applies({ excludes: { minKernel: '6.18' } })).toBe(false)
  })
})

describe('a profile of the user', () => {
  const refusal = (profile: unknown): string => {
    try {
      readProfile('mine.json', typeof profile === 'string' ? profile : JSON.stringify(profile))
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  }
  const withRule = (rule: object): object => ({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', ...rule }],
  })

  test('may name one call for each rule, as old ones do', () => {
    const old = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ name: 'chmod', action: 'SCMP_ACT_ERRNO', args: null }] }
    expect(readProfile('old', JSON.stringify(old))?.syscalls).toEqual([
      { names: ['chmod'], action: 'SCMP_ACT_ERRNO', args: [] },
    ])
  })
  test('that is empty allows everything', () => expect(readProfile('empty', '{}')).toBeUndefined())
  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'the profile is [], not an object'],
    [{ defaultAction: 'ALLOW' }, '"defaultAction" is "ALLOW", not one of SCMP_ACT_ALLOW'],
    [{ syscalls: [{}] }, '"defaultAction" is missing, not one of'],
    [{ defaultAction: 'SCMP_ACT_ALLOW', syscalls: {} }, '"syscalls" is {}, not a list'],
    [withRule({ action: 'SCMP_ACT_NOTIFY' }), '"syscalls[0].action" is "SCMP_ACT_NOTIFY", not one of'],
    [withRule({ name: 'read' }), '"syscalls[0]" has both "name" and "names"'],
    [withRule({ errnoRet: 5000 }), '"syscalls[0].errnoRet" is 5000, not a whole number from 0 to 4095'],
    [withRule({ args: [{ index: 6 }] }), '"syscalls[0].args[0].index" is 6, not a whole number from 0 to 5'],
    [withRule({ args: [{ index: 0, op: 'EQ' }] }), '"syscalls[0].args[0].op" is "EQ", not one of SCMP_CMP_NE'],
    [withRule({ args: [{ index: 0, value: -1 }] }), '"syscalls[0].args[0].value" is -1'],
    [withRule({ includes: { minKernel: '5' } }), '"syscalls[0].includes.minKernel" is "5"'],
    [{ defaultAction: 'SCMP_ACT_ALLOW', archMap: [{}], architectures: ['x'] }, '"archMap[0].architecture" is missing'],
  ])('%j is refused with what is wrong', (profile, message) => {
    expect(refusal(profile)).toContain(`the seccomp profile "mine.json" can't be used: `)
    expect(refusal(profile)).toContain(message)
  })
})

describe('the choice of a profile', () => {
  const choose = (securityOpt: readonly string[], changes: Partial<ContainerSpec> = {}) =>
    chooseProfile(containerSpec({ securityOpt, ...changes }))
  const own = '{"defaultAction":"SCMP_ACT_LOG"}'

  test('is the default one unless something is asked for', () => {
    expect([choose([]), choose(['seccomp=builtin']), choose(['no-new-privileges'])]).toEqual([
      DEFAULT_PROFILE,
      DEFAULT_PROFILE,
      DEFAULT_PROFILE,
    ])
  })
  test('is none for who asks for none, and for the privileged', () => {
    expect([choose(['seccomp=unconfined']), choose(['seccomp:unconfined']), choose([], { privileged: true })]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
  test('is the one written in place, also for the privileged', () => {
    expect(choose([`seccomp=\n ${own}`])?.defaultAction).toBe('SCMP_ACT_LOG')
    expect(choose([`seccomp=${own}`], { privileged: true })?.defaultAction).toBe('SCMP_ACT_LOG')
  })
  test('is read from a file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'tsc-seccomp-'))
    try {
      const path = join(directory, 'profile.json')
      expect(() => choose([`seccomp=${path}`])).toThrow(`the seccomp profile "${path}" can't be read: ENOENT`)
      writeFileSync(path, own)
      expect(choose([`seccomp=${path}`])?.defaultAction).toBe('SCMP_ACT_LOG')
      writeFileSync(path, '{"defaultAction":"SCMP_ACT_LOG",}')
      expect(() => choose([`seccomp=${path}`])).toThrow(`the seccomp profile "${path}" can't be used: it is not JSON`)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
