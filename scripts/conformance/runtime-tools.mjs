// Compares OCI runtimes check by check with the ready-made programs of a conformance suite: ours, crun, and one that is broken
// on purpose, because exit codes alone prove nothing there.
//   RUNTIME_TOOLS=/path node scripts/conformance/runtime-tools.mjs [NAME...]
// The folder has validation/NAME/NAME.t, runtimetest and the archive of the root file system; RUNTIME and REFERENCE are other
// runtimes than ours and crun.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { behind, count, readChecks } from './tap.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const own = join(here, '..', '..', 'native', 'prebuilt', `linux-${process.arch}-gnu`, 'tscompose-runtime')

process.exitCode = main(process.argv.slice(2))

function main(names) {
  const folder = process.env.RUNTIME_TOOLS
  if (folder === undefined || !existsSync(join(folder, 'validation'))) {
    process.stdout.write('set RUNTIME_TOOLS to a folder with the built programs (validation/NAME/NAME.t)\n')
    return folder === undefined ? 0 : 1
  }
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'))
  try {
    return compare(folder, names.length > 0 ? names : programs(folder), runtimes(scratch))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function compare(folder, names, { subject, reference, broken }) {
  const [ours, theirs, nothing] = [subject, reference, broken].map((runtime) => checksOf(folder, names, runtime))
  for (const [title, checks] of [
    [subject, ours],
    [reference, theirs],
    ['broken on purpose', nothing],
  ])
    process.stdout.write(`${line(count(checks))}  ${title}\n`)
  const lost = behind(theirs, ours)
  for (const { key, outcome } of lost) process.stdout.write(`the reference passes, we do not (${outcome}): ${key}\n`)
  process.stdout.write(`${theirs.length} checks compared, behind in ${lost.length}\n`)
  const proves = count(nothing).passed < count(ours).passed / 10
  if (!proves) process.stdout.write('the broken runtime passes too: these programs prove nothing\n')
  return lost.length === 0 && proves ? 0 : 1
}

function line({ passed, skipped, failed }) {
  return `${String(passed + skipped).padStart(5)} ok (${skipped} of them skipped) ${String(failed).padStart(4)} not ok`
}

function runtimes(scratch) {
  const broken = join(scratch, 'broken')
  writeFileSync(broken, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  return { subject: process.env.RUNTIME ?? own, reference: process.env.REFERENCE ?? 'crun', broken }
}

function programs(folder) {
  const isProgram = (name) => existsSync(join(folder, 'validation', name, `${name}.t`))
  return readdirSync(join(folder, 'validation')).filter(isProgram).sort()
}

function checksOf(folder, names, runtime) {
  return names.flatMap((name) => {
    const program = join('validation', name, `${name}.t`)
    const command = [join(here, 'prepared.sh'), 'timeout', '-s', 'KILL', '120', `./${program}`]
    const ran = spawnSync('sh', command, {
      cwd: folder,
      env: { ...process.env, RUNTIME: runtime },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    return readChecks(name, ran.stdout ?? '')
  })
}
