// Times things in turn and prints medians and ratios: absolute times mean little on a shared machine.
import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

// NODE_EXTRA_CA_CERTS costs Node 20 some 35 ms at each start, and no peer pays it.
const without = { NODE_EXTRA_CA_CERTS: undefined, DOCKER_CLI_HINTS: 'false' }

/** Milliseconds that a command takes; throws when it fails. */
export function timeOf([program, ...args], cwd, extra = {}) {
  const start = process.hrtime.bigint()
  const options = { cwd, env: { ...process.env, ...without, ...extra }, stdio: ['ignore', 'ignore', 'pipe'] }
  const { status, stderr } = spawnSync(program, args, options)
  const elapsedMs = Number(process.hrtime.bigint() - start) / 1e6
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}: ${stderr}`)
  return elapsedMs
}

/** Cases are `{ name, command, cwd, before?, after?, pauseMs? }`, or `{ name, measure }` with a function that answers with milliseconds, now or later. Every ratio is to the case named `base`, or to a case's own. */
export async function report(title, cases, { base, runs }) {
  const times = await interleaved(cases, runs)
  const own = new Map(cases.map((one) => [one.name, one.base ?? base]))
  console.log(`\n${title} (medians of ${runs}, interleaved)`)
  for (const [name, samples] of times) {
    const ms = median(samples)
    const ratio = `${(ms / median(times.get(own.get(name)))).toFixed(2).padStart(6)} x`
    const range = `${Math.min(...samples).toFixed(1)} to ${Math.max(...samples).toFixed(1)}`
    console.log(`  ${name.padEnd(34)} ${ms.toFixed(1).padStart(8)} ms   ${ratio}   (${range})`)
  }
}

/** Every case once a round, so that a drift of the machine's speed meets all of them; the first round does not count. */
async function interleaved(cases, runs) {
  const times = new Map(cases.map(({ name }) => [name, []]))
  for (let round = 0; round <= runs; round += 1) {
    for (const one of cases) {
      if (one.pauseMs) await delay(one.pauseMs)
      const elapsedMs = await (one.measure ?? (() => timeOfCase(one)))()
      if (round > 0) times.get(one.name).push(elapsedMs)
    }
  }
  return times
}

function timeOfCase({ command, cwd, before, after }) {
  if (before) timeOf(before, cwd)
  const elapsedMs = timeOf(command, cwd)
  if (after) timeOf(after, cwd)
  return elapsedMs
}

/** The middle one, or the upper of two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
