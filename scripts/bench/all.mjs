// Times the built CLI against bare Node and, where there is one, against Docker Compose.
//   node scripts/bench/all.mjs [--runs 20] [--compose PATH] [--only start-up|config|up]
// Without --compose, `docker-compose` of the PATH is the peer. Never part of the tests.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { report, timeOf } from './interleaved.mjs'
import { manyServices } from './many-services.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))
const cli = join(root, 'bin', 'tscompose')
const string = { type: 'string' }
const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' }, compose: string, only: string } })
const runs = Number(values.runs)
const compose =
  values.compose ?? spawnSync('sh', ['-c', 'command -v docker-compose'], { encoding: 'utf8' }).stdout.trim()

const ONE_SERVICE =
  'name: tscbench\nservices:\n  one:\n    image: busybox\n    command: sleep 1000\n    stop_grace_period: 0s\n'

const scratch = mkdtempSync(join(tmpdir(), 'tscompose-bench-'))
const project = projectOf('one', ONE_SERVICE)

const parts = { 'start-up': reportStartUp, config: reportConfig, up: reportUp }
try {
  for (const [name, part] of Object.entries(parts)) if ((values.only ?? name) === name) part()
} finally {
  for (const program of [cli, compose].filter(Boolean)) spawnSync(program, ['down', '-v'], { cwd: project })
  rmSync(scratch, { recursive: true, force: true })
}

function projectOf(name, text) {
  const folder = join(scratch, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'compose.yaml'), text)
  return folder
}

function reportStartUp() {
  const example = join(root, 'examples', 'wordpress')
  const cases = [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'], cwd: example },
    { name: 'tscompose version', command: [cli, 'version'], cwd: example },
    { name: 'tscompose config', command: [cli, 'config'], cwd: example },
    { name: 'tscompose ps', command: [cli, 'ps'], cwd: project },
  ]
  report('start-up', cases, { base: 'node -e 0', runs })
}

/** Files of 10 and 200 services beside Docker Compose, and one of 5,000 alone: Docker Compose takes minutes over that. */
function reportConfig() {
  for (const count of [10, 200]) {
    const cwd = projectOf(`services-${count}`, manyServices(count))
    const ours = { name: 'tscompose config', command: [cli, 'config'], cwd }
    const theirs = { name: 'docker-compose config', command: [compose, 'config'], cwd }
    report(`config of ${count} services`, compose ? [ours, theirs] : [ours], {
      base: (compose ? theirs : ours).name,
      runs,
    })
  }
  const cwd = projectOf('services-5000', manyServices(5000))
  const ours = { name: 'tscompose config', command: [cli, 'config'], cwd }
  report('config of 5000 services', [ours], { base: ours.name, runs })
  console.log(`  ${'at its largest'.padEnd(34)} ${peakMegabytes(ours).toFixed(0).padStart(8)} MB`)
}

function peakMegabytes({ command, cwd }) {
  const file = join(scratch, 'peak')
  timeOf([process.execPath, '--require', join(here, 'peak.cjs'), ...command], cwd, { PEAK_FILE: file })
  return Number(readFileSync(file, 'utf8')) / 1024
}

function reportUp() {
  const cwd = project
  const up = [{ name: 'tscompose up -d', command: [cli, 'up', '-d'], after: [cli, 'down'], cwd }]
  const down = [{ name: 'tscompose down', command: [cli, 'down'], before: [cli, 'up', '-d'], cwd }]
  if (compose) {
    up.push({ name: 'docker-compose up -d', command: [compose, 'up', '-d'], after: [compose, 'down'], cwd })
    down.push({ name: 'docker-compose down', command: [compose, 'down'], before: [compose, 'up', '-d'], cwd })
  }
  const bare = { name: 'node -e 0', command: [process.execPath, '-e', '0'], cwd }
  const base = compose ? 'docker-compose' : 'tscompose'
  report('one busybox service, image present: up', [...up, bare], { base: `${base} up -d`, runs })
  report('the same: down', down, { base: `${base} down`, runs })
}
