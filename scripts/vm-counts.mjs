// Adds up what ran inside the machine, from its output and vitest's report in the shared folder, and says so in one line, below what failed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addUp, countCargo, countStory, countVitest } from './test-counts.mjs'
import { cargoFailures, storyFailures, vitestFailures } from './test-failures.mjs'

const [share] = process.argv.slice(2)
const output = readFileSync(join(share, 'out'), 'utf8')
const report = join(share, 'vitest.json')
const read = () => JSON.parse(readFileSync(report, 'utf8'))
const isWhole = existsSync(join(share, 'finished'))
if (!isWhole) process.stdout.write('the machine did not come to the end of the tests\n')
const counts = addUp([
  { passed: 0, failed: isWhole ? 0 : 1, skipped: 0 },
  countStory(output),
  countCargo(0, output),
  countVitest(0, read),
])
for (const failure of [...storyFailures(output), ...cargoFailures(output), ...vitestFailures(read)])
  process.stdout.write(`${failure}\n`)
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
