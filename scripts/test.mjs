// Runs every test, TypeScript's and Rust's, here and the core of them on a machine with control groups v2, and ends with one line that adds
// them up, below what failed.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addUp, countCargo, countLine, countVitest } from './test-counts.mjs'
import { cargoFailures, saidFailures, vitestFailures } from './test-failures.mjs'

const reports = mkdtempSync(join(tmpdir(), 'tscompose-tests-'))
const failures = []
const counts = addUp([await vitest(), await cargo(), await otherMachine()])
rmSync(reports, { recursive: true })
for (const failure of failures) process.stdout.write(`${failure}\n`)
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 ? 0 : 1

async function vitest() {
  const report = join(reports, 'vitest.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = await run('npx', ['--no', 'vitest', 'run', ...reporters])
  const read = () => JSON.parse(readFileSync(report, 'utf8'))
  failures.push(...vitestFailures(read))
  return countVitest(status, read)
}

async function cargo() {
  if (spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status !== 0) {
    process.stdout.write('the Rust tests need cargo: get it from https://rustup.rs\n')
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const { status, output } = await run('cargo', ['test', '--workspace', '--locked', '--no-fail-fast'])
  failures.push(...cargoFailures(output))
  return countCargo(status, output)
}

/** Says itself why it is left out where it is. */
async function otherMachine() {
  const { output } = await run('scripts/vm-test.sh', ['core'])
  failures.push(...saidFailures(output))
  return countLine(output)
}

/** Shows what the program says while it runs, and keeps it. */
function run(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
    process.stdout.write(text)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, output }))
  })
}
