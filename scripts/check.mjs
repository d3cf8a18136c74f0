// Everything that must hold before a push, in one command. Goes on after a failure, so that one run tells all.
import { spawnSync } from 'node:child_process'

const hasCargo = spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0
const steps = [
  ['build', 'node', ['scripts/build.mjs']],
  ['generated files', 'node', ['scripts/generate.mjs', '--check']],
  ['types', 'npx', ['--no', 'tsc', '--noEmit']],
  ['format and lint', 'npx', ['--no', 'biome', 'check', '.']],
  ['doors', 'node', ['scripts/check-doors.mjs']],
  ['dead code', 'npx', ['--no', 'knip']],
  ['tests', 'npx', ['--no', 'vitest', 'run']],
  ...(hasCargo
    ? [
        ['rust format', 'cargo', ['fmt', '--all', '--check']],
        ['rust lint', 'cargo', ['clippy', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings']],
        ['rust tests', 'cargo', ['test', '--workspace', '--locked']],
      ]
    : []),
]

const failed = steps.filter(([name, program, args]) => !passes(name, program, args)).map(([name]) => name)
if (!hasCargo)
  process.stdout.write('skipped the checks of the native part: no cargo here (get it from https://rustup.rs)\n')
process.stdout.write(failed.length === 0 ? 'all checks passed\n' : `failed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 && hasCargo ? 0 : 1

function passes(name, program, args) {
  process.stdout.write(`\n== ${name}\n`)
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0
}
