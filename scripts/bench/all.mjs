// Times the built CLI against bare Node and, where there is one, against Docker Compose.
//   node scripts/bench/all.mjs [--runs 20] [--compose PATH] [--only start-up|config|up|sandbox|parallel|logs|exec|memory|images|pull]
//     [--image REGISTRY/NAME:TAG] [--docker PATH] for pull
// Without --compose, `docker-compose` of the PATH is the peer; `podman-compose` of the PATH is one too. Never part of the tests.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { reportImages } from './images.mjs'
import { report, timeOf } from './interleaved.mjs'
import { manyServices } from './many-services.mjs'
import { reportProjects } from './projects.mjs'
import { reportPull } from './pull.mjs'
import { reportExec, reportLogs, reportMemory, reportParallel, reportSandbox } from './runtime.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))
const cli = join(root, 'bin', 'tscompose')
const string = { type: 'string' }
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20' }, compose: string, only: string, image: string, docker: string },
})
const runs = Number(values.runs)
const compose = values.compose ?? pathOf('docker-compose')

const ONE_SERVICE =
  'name: tscbench\nservices:\n  one:\n    image: busybox\n    command: sleep 1000\n    stop_grace_period: 0s\n'

const scratch = mkdtempSync(join(tmpdir(), 'tscompose-bench-'))
const project = projectOf('one', ONE_SERVICE)

// State of its own, so that nothing has to be there before and nothing stays.
process.env.TSCOMPOSE_DATA_DIR = join(scratch, 'data')
process.env.TSCOMPOSE_RUN_DIR = join(scratch, 'run')

const ofRuntime = (part) => () => {
  if (process.getuid() !== 0) return console.log('\nthe runtime is measured as root')
  importBusybox()
  return part({ scratch, projectOf, compose, runs })
}
const parts = {
  'start-up': reportStartUp,
  config: reportConfig,
  up: reportUp,
  sandbox: ofRuntime(reportSandbox),
  parallel: ofRuntime(reportParallel),
  logs: ofRuntime(reportLogs),
  exec: ofRuntime(reportExec),
  memory: ofRuntime(reportMemory),
  images: () => reportImages({ cli, scratch, runs }),
  pull: () => reportPull({ ...values, docker: values.docker ?? 'docker', cli, scratch, runs, peakMegabytes }),
}
try {
  for (const [name, part] of Object.entries(parts)) if ((values.only ?? name) === name) await part()
} finally {
  for (const program of [cli, compose].filter(Boolean)) spawnSync(program, ['down', '-v', '-t', '0'], { cwd: project })
  rmSync(scratch, { recursive: true, force: true })
}

function projectOf(name, text) {
  const folder = join(scratch, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'compose.yaml'), text)
  return folder
}

async function reportStartUp() {
  const example = join(root, 'examples', 'wordpress')
  const cases = [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'], cwd: example },
    { name: 'tscompose version', command: [cli, 'version'], cwd: example },
    { name: 'tscompose config', command: [cli, 'config'], cwd: example },
    { name: 'tscompose ps', command: [cli, 'ps'], cwd: project },
  ]
  await report('start-up', cases, { base: 'node -e 0', runs })
}

/** Files of 10 and 200 services beside Docker Compose, and one of 5,000 alone: Docker Compose takes minutes over that. */
async function reportConfig() {
  for (const count of [10, 200]) {
    const cwd = projectOf(`services-${count}`, manyServices(count))
    const ours = { name: 'tscompose config', command: [cli, 'config'], cwd }
    const theirs = { name: 'docker-compose config', command: [compose, 'config'], cwd }
    await report(`config of ${count} services`, compose ? [ours, theirs] : [ours], {
      base: (compose ? theirs : ours).name,
      runs,
    })
  }
  const cwd = projectOf('services-5000', manyServices(5000))
  const ours = { name: 'tscompose config', command: [cli, 'config'], cwd }
  await report('config of 5000 services', [ours], { base: ours.name, runs })
  console.log(`  ${'at its largest'.padEnd(34)} ${peakMegabytes(ours).toFixed(0).padStart(8)} MB`)
}

function peakMegabytes({ command, cwd }) {
  const file = join(scratch, 'peak')
  timeOf([process.execPath, '--require', join(here, 'peak.cjs'), ...command], cwd, { PEAK_FILE: file })
  return Number(readFileSync(file, 'utf8')) / 1024
}

async function reportUp() {
  importBusybox()
  const peers = [
    { name: 'docker-compose', path: compose, most: 50 },
    // One after the other.
    { name: 'podman-compose', path: pathOf('podman-compose'), most: 1 },
  ]
  await reportProjects({ cli, peers: peers.filter(({ path }) => path), projectOf, runs })
}

function importBusybox() {
  const maker = [join(root, 'examples', 'make-image.sh'), join(root, 'test', 'support', 'images', 'busybox')]
  timeOf(maker, root, { TSCOMPOSE: cli })
}

function pathOf(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim()
}
