// Containers whose sandbox another OCI runtime makes: to their neighbours, to commands and to the machine they are like all others.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually, mustRun, program, stateEnvironment, tscompose, writeProject } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const found = ['crun', 'runc'].flatMap((name) =>
  ['/usr/bin', '/usr/sbin', '/opt/peers/bin']
    .map((at) => join(at, name))
    .filter(existsSync)
    .slice(0, 1),
)
// Without crun and runc: our own, which speaks runc's command line, is another one to the monitor as well.
const runtimes = [
  ...found,
  join(import.meta.dirname, '..', '..', 'native', 'prebuilt', `linux-${process.arch}-gnu`, 'tscompose-runtime'),
]

const compose = (runtime: string): string => `
name: runtime
services:
  web:
    image: busybox
    runtime: ${runtime}
    user: www-data
    command: ["sh", "-c", "echo out; echo complaint >&2; mkdir /tmp/www; echo hello >/tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www"]
    mem_limit: 64m
    volumes: [data:/seed]
    healthcheck: { test: ["CMD-SHELL", "wget -q -O - http://localhost:8080/"], interval: 200ms, retries: 50 }
    stop_grace_period: 0s
    restart: always
  neighbour:
    image: busybox
    command: sleep 1000
    depends_on: { web: { condition: service_healthy } }
    stop_grace_period: 0s
volumes: { data: {} }
`

/** A process whose parent takes its time to notice its end is a zombie. */
function stateOf(pid: number): string {
  try {
    return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'unknown'
  } catch {
    return 'gone'
  }
}

const monitorOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

describe.runIf(privileged).each(runtimes)('with %s', (runtime) => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose(runtime) })

  /** The one of this service whose command line begins so. */
  async function processOf(command: string): Promise<number> {
    const { stdout } = await mustRun(['top', 'web'], here)
    const line = stdout.split('\n').find((one) => one.includes(` ${command} `))
    if (line === undefined) throw new Error(`${command} does not run:\n${stdout}`)
    return Number(line.trim().split(/\s+/)[3])
  }

  test('a service is reached, watched, entered, limited, held, and started again after its end', async () => {
    await mustRun(['up', '-d'], here)
    expect((await mustRun(['exec', '-T', 'neighbour', 'wget', '-q', '-O', '-', 'http://web:8080/'], here)).stdout).toBe(
      'hello\n',
    )
    const inside = await tscompose(['exec', '-T', 'web', 'sh', '-c', 'id -un; exit 7'], here)
    expect(inside).toMatchObject({ code: 7, stdout: 'www-data\n' })
    expect((await tscompose(['exec', '-T', 'web', 'no-such-program'], here)).code).toBe(127)
    const logs = await mustRun(['logs', '--no-log-prefix', 'web'], here)
    expect(logs.stdout).toContain('out\n')
    expect((await mustRun(['stats', '--no-stream', '--format', '{{.MemUsage}}', 'web'], here)).stdout).toContain(
      '64MiB',
    )
    await mustRun(['pause', 'web'], here)
    await mustRun(['unpause', 'web'], here)
    const first = await processOf('httpd')
    process.kill(first, 'SIGKILL')
    const second = await eventually('another start', async () => {
      const found = await processOf('httpd').catch(() => first)
      return found === first ? undefined : found
    })
    expect(second).toBeGreaterThan(1)
  })

  test('goes with its monitor, and is started again where its policy wants it', async () => {
    await mustRun(['up', '-d', 'web'], here)
    const first = await processOf('httpd')
    process.kill(monitorOf(first), 'SIGKILL')
    const second = await eventually('another start', async () => {
      const found = await processOf('httpd').catch(() => first)
      return found === first ? undefined : found
    })
    expect(['gone', 'Z']).toContain(stateOf(first))
    expect(monitorOf(second)).toBeGreaterThan(1)
  })

  test('a terminal is one, of the size that was asked for', async () => {
    await mustRun(['up', '-d', 'web'], here)
    // crun lets the program begin before whoever is handed its terminal can give that a size.
    const patient = 'for i in 1 2 3 4 5 6 7 8 9; do stty size && break; sleep 0.1; done'
    const sized = runtime.endsWith('/crun') ? patient : 'stty size'
    const command = `stty rows 30 cols 100; ${program} exec web sh -c 'test -t 0 && ${sized}'`
    const environment = { ...process.env, ...stateEnvironment() }
    const shown = execFileSync('script', ['-qec', command, '/dev/null'], {
      ...here,
      env: environment,
      encoding: 'utf8',
    })
    expect(shown).toContain('30 100')
  })

  test('a part of a volume is what is mounted, and is filled, unless a link leads out of the volume', async () => {
    const part = (subpath: string, target: string) =>
      `{ type: volume, source: data, target: ${target}, volume: { subpath: ${subpath} } }`
    const services = {
      part: [part('near', '/x'), part('part/file', '/y')],
      filled: [part('empty', '/etc')],
      out: [part('out', '/x')],
    }
    const lines = Object.entries(services).map(
      ([name, mounts]) => `  ${name}: { image: busybox, runtime: ${runtime}, volumes: [${mounts.join(', ')}] }\n`,
    )
    writeProject(here.cwd, { 'parts.yaml': `services:\n${lines.join('')}` })
    const inside = (service: string, line: string) =>
      tscompose(
        ['-f', 'compose.yaml', '-f', 'parts.yaml', 'run', '--rm', '-T', '-u', '0', service, 'sh', '-c', line],
        here,
      )
    await inside('web', 'cd /seed; mkdir part empty; echo deep >part/file; ln -s part near; ln -s /etc out')
    expect(await inside('part', 'echo more >>/x/file; cat /y')).toMatchObject({ code: 0, stdout: 'deep\nmore\n' })
    expect(await inside('filled', 'head -1 /etc/passwd | cut -d: -f1')).toMatchObject({ code: 0, stdout: 'root\n' })
    expect((await inside('web', 'cat /seed/empty/passwd')).stdout).toContain('root')
    expect(await inside('out', 'ls /x')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('"out"'),
    })
  })

  test('a program that is not there, and a runtime that is not, are named', async () => {
    writeProject(here.cwd, {
      'lost.yaml': 'services: { web: { runtime: no-such-runtime } }',
      'wrong.yaml': 'services: { web: { command: no-such-program } }',
    })
    const lost = await tscompose(['-f', 'compose.yaml', '-f', 'lost.yaml', 'up', '-d'], here)
    expect(lost).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no OCI runtime "no-such-runtime" on this machine'),
    })
    const wrong = await tscompose(['-f', 'compose.yaml', '-f', 'wrong.yaml', 'up', '-d', 'web'], here)
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('no-such-program')])
    await eventually('it is told', async () => (await mustRun(['ps', '-a'], here)).stdout || undefined)
  })
})
