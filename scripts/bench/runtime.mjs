// The native runtime beside crun, runc, Docker and Podman, whichever are installed. Needs root.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, report, timeOf } from './interleaved.mjs'
import { containers, execTime, untilEnded, untilRunning } from './monitor.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const cli = join(root, 'bin', 'tscompose')
const native = (name) => join(root, 'native', 'prebuilt', `linux-${process.arch}-gnu`, name)
const monitor = native('tscompose-monitor')
const runtime = native('tscompose-runtime')

/** A program that does nothing: from nothing to its end, with all cleaned up. The bundles of the three runtimes are the same. */
export async function reportSandbox({ scratch, projectOf, runs }) {
  const bundle = makeBundle(join(scratch, 'bundle'), ['true'])
  const project = projectOf('sandbox', servicesThat('true', ['networked', 'alone'], 'alone'))
  timeOf([cli, 'create'], project)
  const made = containers(process.env.TSCOMPOSE_DATA_DIR)
  const run = (name, program) => ({ name: `${name} run`, command: [program, 'run', `bench-${name}`], cwd: bundle })
  const peers = ['crun', 'runc'].map(findProgram).filter(Boolean)
  const engines = ['docker', 'podman'].filter((name) => hasBusybox(name))
  const once = (name, network) => [name, 'run', '--rm', ...network, 'busybox', 'true']
  const cases = [
    run('tscompose-runtime', runtime),
    { name: 'monitor, no network', measure: () => untilEnded(monitor, made.get('alone')) },
    { name: 'monitor, with a network', measure: () => untilEnded(monitor, made.get('networked')) },
    ...peers.map(({ name, program }) => run(name, program)).filter((one) => works(one, bundle)),
    ...engines.map((name) => ({
      name: `${name} run, no network`,
      command: once(name, ['--network', 'none']),
      cwd: bundle,
    })),
    ...engines.map((name) => ({ name: `${name} run`, command: once(name, []), cwd: bundle })),
  ]
  const base = cases.some(({ name }) => name === 'crun run') ? 'crun run' : 'tscompose-runtime run'
  await report('a program that does nothing, from nothing to its end', cases, { base, runs })
  timeOf([cli, 'down'], project)
}

/** Fifty containers with a network, started at the same time; the containers alone, and the whole command. */
export async function reportParallel({ projectOf, compose, runs }) {
  const names = Array.from({ length: 50 }, (_, index) => `one${index}`)
  const project = projectOf('parallel', servicesThat('sleep 1000', names))
  const measure = async () => {
    timeOf([cli, 'create'], project)
    const made = [...containers(process.env.TSCOMPOSE_DATA_DIR).values()]
    const start = process.hrtime.bigint()
    await Promise.all(made.map((directory) => untilRunning(monitor, directory)))
    const elapsedMs = Number(process.hrtime.bigint() - start) / 1e6
    timeOf([cli, 'down'], project)
    return elapsedMs
  }
  const up = (program) => ({ command: [program, 'up', '-d'], after: [program, 'down', '-t', '0'], cwd: project })
  const peer = compose && works(up(compose), project) ? [{ name: 'docker-compose up -d', ...up(compose) }] : []
  const cases = [{ name: 'monitors', measure }, { name: 'tscompose up -d', ...up(cli) }, ...peer]
  await report('50 containers in parallel, with a network', cases, {
    base: cases.at(-1).name,
    runs: Math.ceil(runs / 4),
  })
}

/** A gigabyte of lines of a hundred characters into the log, beside the same program's pipe copied into a file. */
export async function reportLogs({ scratch, projectOf, runs }) {
  const writer = compileWriter(scratch)
  const text = `name: tscbench\nservices:\n  writer:\n    image: busybox\n    network_mode: none\n    volumes: ["${writer}:/writer:ro"]\n    command: /writer\n`
  const project = projectOf('logs', text)
  timeOf([cli, 'create'], project)
  const directory = containers(process.env.TSCOMPOSE_DATA_DIR).get('writer')
  const copy = join(scratch, 'copy')
  const cases = [
    { name: 'log of a container', measure: () => untilEnded(monitor, directory) },
    { name: 'pipe to a file', command: ['sh', '-c', `${writer} | cat >${copy}; rm ${copy}`], cwd: scratch },
  ]
  await report('1 GB of lines', cases, { base: 'pipe to a file', runs: Math.ceil(runs / 4) })
  timeOf([cli, 'down'], project)
}

/** One more program in a running container: as the monitor starts it, by the runtime's executable, and by the whole command. */
export async function reportExec({ scratch, projectOf, runs }) {
  const bundle = makeBundle(join(scratch, 'exec-bundle'), ['sleep', '1000'])
  // What it inherits it keeps open.
  spawnSync(runtime, ['run', '--detach', 'bench-exec'], { cwd: bundle, stdio: 'ignore' })
  const project = projectOf('exec', servicesThat('sleep 1000', ['one']))
  timeOf([cli, 'up', '-d'], project)
  const sockets = join(process.env.TSCOMPOSE_RUN_DIR, 'monitors')
  const socket = join(
    sockets,
    readdirSync(sockets).find((name) => name.endsWith('.sock')),
  )
  const cases = [
    { name: 'monitor', measure: () => execTime(socket, ['true']) },
    { name: 'tscompose-runtime exec', command: [runtime, 'exec', 'bench-exec', 'true'], cwd: bundle },
    { name: 'tscompose exec', command: [cli, 'exec', '-T', 'one', 'true'], cwd: project },
    { name: 'node -e 0', command: [process.execPath, '-e', '0'], cwd: project },
  ]
  const engine = ['docker', 'podman'].find((name) => hasBusybox(name))
  if (engine) {
    timeOf([engine, 'run', '-d', '--name', 'tscbench', 'busybox', 'sleep', '1000'], project)
    cases.push({ name: `${engine} exec`, command: [engine, 'exec', 'tscbench', 'true'], cwd: project })
  }
  await report('exec true', cases, { base: cases.at(-1).name, runs })
  if (engine) timeOf([engine, 'rm', '-f', 'tscbench'], project)
  timeOf([runtime, 'delete', '--force', 'bench-exec'], bundle)
  timeOf([cli, 'down'], project)
}

/** What runs beside ten containers, for each. Shared pages are counted in part (PSS, proc_pid_smaps(5)). */
export function reportMemory({ projectOf }) {
  const names = Array.from({ length: 10 }, (_, index) => `one${index}`)
  const project = projectOf('memory', servicesThat('sleep 1000', names))
  timeOf([cli, 'up', '-d'], project)
  console.log('\nmemory beside each of 10 containers (medians: PSS, private)')
  const processes = ownProcesses()
  for (const name of new Set(processes.map(nameOf))) {
    const pids = processes.filter((pid) => nameOf(pid) === name)
    const own = (pid) => kilobytes(pid, 'Private_Clean') + kilobytes(pid, 'Private_Dirty')
    const [pss, alone] = [pids.map((pid) => kilobytes(pid, 'Pss')), pids.map(own)].map(median)
    console.log(`  ${name.padEnd(34)} ${(pss / 1024).toFixed(2)} MB, ${(alone / 1024).toFixed(2)} MB`)
  }
  timeOf([cli, 'down'], project)
}

const nameOf = (pid) => textOf(`/proc/${pid}/comm`).trim()

function ownProcesses() {
  const isOurs = (pid) => textOf(`/proc/${pid}/cmdline`).includes(process.env.TSCOMPOSE_DATA_DIR)
  return readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && isOurs(name) && nameOf(name).startsWith('tscompose-'),
  )
}

const kilobytes = (pid, key) =>
  Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1])

function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function servicesThat(command, names, withoutNetwork) {
  const network = (name) => (name === withoutNetwork ? '    network_mode: none\n' : '')
  const service = (name) =>
    `  ${name}:\n    image: busybox\n    command: ${JSON.stringify(command)}\n    stop_grace_period: 0s\n${network(name)}`
  return `name: tscbench\nservices:\n${names.map(service).join('')}`
}

function makeBundle(bundle, args) {
  mkdirSync(join(bundle, 'rootfs', 'bin'), { recursive: true })
  copyFileSync(findProgram('busybox').program, join(bundle, 'rootfs', 'bin', 'busybox'))
  for (const name of ['true', 'sleep']) symlinkSync('busybox', join(bundle, 'rootfs', 'bin', name))
  timeOf([runtime, 'spec'], bundle)
  const file = join(bundle, 'config.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  // Older runtimes know no later one.
  config.ociVersion = '1.0.2'
  config.process = { ...config.process, terminal: false, args, rlimits: [] }
  // A user's wish for capabilities that outlive exec is none of this.
  delete config.process.capabilities.ambient
  writeFileSync(file, JSON.stringify(config))
  return bundle
}

function compileWriter(scratch) {
  const source = join(scratch, 'writer.c')
  writeFileSync(
    source,
    `#include <string.h>
#include <unistd.h>
int main(void) {
  static char lines[65500];
  for (int at = 0; at < 65500; at++) lines[at] = at % 100 == 99 ? '\\n' : 'x';
  for (long left = 1000000000; left > 0;) {
    long count = write(1, lines, left < 65500 ? left : 65500);
    if (count < 0) return 1;
    left -= count;
  }
  return 0;
}
`,
  )
  timeOf(['cc', '-O2', '-static', '-o', join(scratch, 'writer'), source], scratch)
  return join(scratch, 'writer')
}

function findProgram(name) {
  const program = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
  return program ? { name, program } : undefined
}

function hasBusybox(engine) {
  return spawnSync(engine, ['image', 'inspect', 'busybox'], { stdio: 'ignore' }).status === 0
}

function works({ name, command: [program, ...args], after }, cwd) {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (after) spawnSync(after[0], after.slice(1), { cwd })
  if (status !== 0) console.log(`\nno ${name ?? program} to compare with: ${stderr.trim().split('\n').at(-1)}`)
  return status === 0
}
