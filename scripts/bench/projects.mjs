// Projects brought up and taken down, beside Docker Compose and podman-compose where they run.
import { spawnSync } from 'node:child_process'
import { report, timeOf } from './interleaved.mjs'

const QUICK_END = 'stop_grace_period: 0s'

/** `peers` are the programs beside ours, `{ name, path, most }`, and the services that they bring up in bearable time; `projectOf(name, text)` makes a folder with a Compose file. */
export async function reportProjects({ cli, peers, projectOf, runs }) {
  const folders = new Map([1, 10, 50].map((count) => [count, projectOf(`up-${count}`, sleepers(count))]))
  const chains = ['200ms', '1s'].map((interval) => ({
    interval,
    cwd: projectOf(`chain-${interval}`, chainOf(6, interval)),
  }))
  const programs = [{ name: 'tscompose', path: cli, most: 50 }, ...peers.filter((peer) => canRun(peer, folders.get(1)))]
  const sized = (count, cwd, most) => ({
    programs: programs.filter((program) => program.most >= count),
    cwd,
    runs: Math.min(runs, most),
  })
  try {
    await reportUpAndDown('1 busybox service', sized(1, folders.get(1), 15))
    await reportUpAndDown('10 busybox services', sized(10, folders.get(10), 11))
    await reportUpAndDown('50 busybox services', sized(50, folders.get(50), 5))
    await reportNothingToDo('50 busybox services that run already', sized(50, folders.get(50), 15))
    for (const { interval, cwd } of chains)
      await reportUpAndDown(`a chain of 6 health-gated services, looked at each ${interval}`, sized(6, cwd, 3))
  } finally {
    for (const cwd of [...folders.values(), ...chains.map((chain) => chain.cwd)])
      for (const { path } of programs) spawnSync(path, DOWN, { cwd })
  }
}

const UP = ['up', '-d']
const DOWN = ['down', '-t', '0']

/** Of each round's two halves the second has what the first left. */
async function reportUpAndDown(title, { programs, cwd, runs }) {
  const cases = programs.flatMap((program) => [UP, DOWN].map((verb) => caseOf(program, verb, programs, cwd)))
  await report(title, cases, { runs })
}

async function reportNothingToDo(title, { programs, cwd, runs }) {
  for (const { path } of programs) timeOf([path, ...UP], cwd)
  await report(
    title,
    programs.map((program) => caseOf(program, UP, programs, cwd)),
    { runs },
  )
}

/** A daemon works on after its client has gone, and nobody is to be timed beside another's work. */
const SETTLED_MS = 500

/** Compared with the same verb of the first peer, or with itself alone. */
function caseOf({ name, path }, verb, programs, cwd) {
  const nameWith = (program) => `${program} ${verb.join(' ')}`
  const beside = (programs[1] ?? programs[0]).name
  return { name: nameWith(name), command: [path, ...verb], cwd, base: nameWith(beside), pauseMs: SETTLED_MS }
}

/** Whether the program has an engine that has the image. */
function canRun({ name, path }, cwd) {
  const { status, stderr } = spawnSync(path, UP, { cwd, encoding: 'utf8' })
  spawnSync(path, DOWN, { cwd })
  if (status === 0) return true
  console.log(`\nno ${name} up to compare with: ${(stderr ?? '').trim().split('\n').at(-1)}`)
  return false
}

function sleepers(count) {
  const services = Array.from({ length: count }, (_, index) => service(`s${index}`))
  return `name: tscbench${count}\nservices:\n${services.join('')}`
}

/** An interval is waited for at each link by whatever program: a short one shows what the programs add. */
function chainOf(length, interval) {
  const links = Array.from({ length }, (_, index) => {
    const healthcheck = `    healthcheck: { test: ["CMD", "true"], interval: ${interval} }\n`
    const gate = index === 0 ? '' : `    depends_on: { s${index - 1}: { condition: service_healthy } }\n`
    return `${service(`s${index}`)}${healthcheck}${gate}`
  })
  return `name: tscbenchchain\nservices:\n${links.join('')}`
}

const service = (name) => `  ${name}:\n    image: busybox\n    command: sleep 1000\n    ${QUICK_END}\n`
