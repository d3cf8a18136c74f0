// Ways out of a container as the built program makes it. Each is tried twice: as it is, where it must fail, and with the
// attribute that takes its guard away, where it must get through, or its failing would prove nothing.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProbe } from './support/attack-probe.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

type Service = Readonly<Record<string, unknown>>

const run = promisify(execFile)
const SENTINEL = 'tscompose-sentinel'
const open = { security_opt: ['seccomp=unconfined'] }
const seen = { security_opt: ['systempaths=unconfined'] }

/** What is typed inside, and what a service has that lets it through. Words of the form `<name>` stand for what the test makes. */
const ATTACKS: readonly (readonly [name: string, line: string, weakened: Service])[] = [
  ['control groups are not mounted by way of a user namespace', '/probe/probe own-groups', open],
  ["no socket of the kernel's ciphers is opened", '/probe/probe socket 38 5', open],
  ["no socket of the virtual machine's host is opened", '/probe/probe socket 40 1', open],
  ["no key of the machine's root is read", `/probe/probe key ${SENTINEL}`, open],
  [
    'no file of the machine is opened by its number',
    '/probe/probe by-handle /out <handle>',
    { cap_add: ['DAC_READ_SEARCH'] },
  ],
  [
    'no process of another service is traced',
    '/probe/probe trace 4242',
    { pid: 'service:victim', depends_on: ['victim'] },
  ],
  ['no process of the machine is seen', 'grep -aqf /probe/listener /proc/[0-9]*/cmdline', { pid: 'host' }],
  ['what the kernel tells of the machine is hidden', 'cat /proc/interrupts /proc/timer_list | grep -q .', seen],
  ['kernel parameters are not written', 'echo 63 > /proc/sys/net/ipv4/ip_default_ttl', seen],
  [
    'no device that was not given is opened',
    'mknod /tmp/log c 1 11; /probe/probe open-for-writing /tmp/log',
    { device_cgroup_rules: ['c 1:11 rw'] },
  ],
  ['no abstract socket of the machine is reached', '/probe/probe abstract-socket <listener>', { network_mode: 'host' }],
  [
    "no server on the machine's loopback address is reached",
    '/probe/probe reach-port 127.0.0.1 <port>',
    { network_mode: 'host' },
  ],
  ['nothing is mounted', 'mount -t tmpfs none /tmp', { cap_add: ['SYS_ADMIN'] }],
  ['nothing that is hidden is uncovered', 'umount /proc/keys', { cap_add: ['SYS_ADMIN'] }],
]

describe.runIf(privileged)('an attacker in a container', () => {
  useImages('busybox')
  const made: Record<string, string> = {}
  let cwd = ''
  let server: Server
  let listener: ChildProcess

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-e2e-'))
    chmodSync(cwd, 0o755)
    const probe = await makeProbe(cwd)
    writeFileSync(join(cwd, 'marker'), 'of the host\n')
    writeFileSync(join(cwd, 'probe', 'listener'), `${SENTINEL}-${process.pid}\n`)
    await run(probe, ['leave-key', SENTINEL])
    server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    listener = spawn(probe, ['listen', `${SENTINEL}-${process.pid}`])
    await new Promise((resolve) => listener.stdout?.once('data', resolve))
    made.listener = `${SENTINEL}-${process.pid}`
    made.port = String((server.address() as { readonly port: number }).port)
    made.handle = (await run(probe, ['handle-of', join(cwd, 'marker')])).stdout.trim()
    writeProject(cwd, { 'compose.yaml': JSON.stringify({ name: 'attacks', services }) })
    await mustRun(['up', '-d'], { cwd })
  })
  afterAll(async () => {
    await mustRun(['down', '-v', '-t', '0'], { cwd })
    await run(join(cwd, 'probe', 'probe'), ['take-key-away', SENTINEL])
    server.close()
    listener.kill('SIGKILL')
    rmSync(cwd, { recursive: true })
  })

  /** Whether it got through. No shell stands in between where none is needed: it would be among what is looked at. */
  const attempt = async (service: string, line: string): Promise<boolean> => {
    const words = line.replace(/<(\w+)>/g, (_all, name: string) => made[name] ?? '')
    const argv = /[|;>*]/.test(words) ? ['sh', '-c', words] : words.split(' ')
    return (await tscompose(['exec', '-T', service, ...argv], { cwd })).code === 0
  }

  test.each(ATTACKS.map(([name, line], at) => [name, line, `weakened${at}`] as const))(
    '%s',
    async (_name, line, weakened) => {
      expect({ control: await attempt(weakened, line) }).toEqual({ control: true })
      expect(await attempt('guarded', line)).toBe(false)
    },
  )
})

const common = {
  image: 'busybox',
  command: ['sleep', '1000'],
  volumes: ['./probe:/probe:ro', './out:/out'],
  stop_grace_period: '0s',
}
const weakened = ATTACKS.map(([, , without], at) => [`weakened${at}`, { ...common, ...without }])
const services: Readonly<Record<string, Service>> = {
  guarded: common,
  victim: { ...common, command: ['sleep', '4242'] },
  ...Object.fromEntries(weakened),
}
