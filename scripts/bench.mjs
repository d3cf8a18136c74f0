// Times the built CLI against bare Node and, where a Docker Compose is named, against it: interleaved, medians.
//   node scripts/bench.mjs [--runs 20] [--compose PATH]
// Prints ratios because absolute times mean little on a shared machine. Never part of the tests.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = join(root, 'bin', 'tscompose')
const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' }, compose: { type: 'string' } } })
const runs = Number(values.runs)

const environment = { ...process.env, DOCKER_CLI_HINTS: 'false' }
delete environment.NODE_EXTRA_CA_CERTS

const project = mkdtempSync(join(tmpdir(), 'tscompose-bench-'))
writeFileSync(
  join(project, 'compose.yaml'),
  'name: tscbench\nservices:\n  one:\n    image: busybox\n    command: sleep 1000\n    stop_grace_period: 0s\n',
)

function run(command, cwd) {
  const [program, ...args] = command
  const start = process.hrtime.bigint()
  const result = spawnSync(program, args, { cwd, env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  const elapsedMs = Number(process.hrtime.bigint() - start) / 1e6
  if (result.status !== 0) throw new Error(`${command.join(' ')} exited with ${result.status}: ${result.stderr}`)
  return elapsedMs
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** Runs every case once a round, so that a drift of the machine's speed meets all of them. */
function interleaved(cases) {
  const times = new Map(cases.map(({ name }) => [name, []]))
  for (let round = 0; round <= runs; round += 1) {
    for (const { name, command, cwd, before, after } of cases) {
      if (before) run(before, cwd)
      const elapsedMs = run(command, cwd)
      if (after) run(after, cwd)
      if (round > 0) times.get(name).push(elapsedMs)
    }
  }
  return times
}

function report(title, cases, base) {
  const times = interleaved(cases)
  const baseMs = median(times.get(base))
  console.log(`\n${title} (medians of ${runs}, interleaved)`)
  for (const [name, samples] of times) {
    const ms = median(samples)
    const sorted = [...samples].sort((a, b) => a - b)
    console.log(
      `  ${name.padEnd(34)} ${ms.toFixed(1).padStart(8)} ms   ${(ms / baseMs).toFixed(2).padStart(6)} x   (${sorted[0].toFixed(1)} to ${sorted.at(-1).toFixed(1)})`,
    )
  }
}

const example = join(root, 'examples', 'wordpress')
report(
  'start-up',
  [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'], cwd: example },
    { name: 'tscompose version', command: [cli, 'version'], cwd: example },
    { name: 'tscompose config', command: [cli, 'config'], cwd: example },
    { name: 'tscompose ps', command: [cli, 'ps'], cwd: project },
  ],
  'node -e 0',
)

try {
  const up = [{ name: 'tscompose up -d', command: [cli, 'up', '-d'], after: [cli, 'down'], cwd: project }]
  const down = [{ name: 'tscompose down', command: [cli, 'down'], before: [cli, 'up', '-d'], cwd: project }]
  if (values.compose) {
    up.push({
      name: 'docker compose up -d',
      command: [values.compose, 'up', '-d'],
      after: [values.compose, 'down'],
      cwd: project,
    })
    down.push({
      name: 'docker compose down',
      command: [values.compose, 'down'],
      before: [values.compose, 'up', '-d'],
      cwd: project,
    })
  }
  const base = values.compose ? 'docker compose' : 'tscompose'
  report(
    'one busybox service, image present: up',
    [...up, { name: 'node -e 0', command: [process.execPath, '-e', '0'], cwd: project }],
    `${base} up -d`,
  )
  report('the same: down', down, `${base} down`)
} finally {
  for (const program of [cli, values.compose].filter(Boolean))
    spawnSync(program, ['down', '-v'], { cwd: project, env: environment })
  rmSync(project, { recursive: true, force: true })
}
