/** Builds the attacker's program of test/support/attacks for containers that mount `probe` and `out` of the directory. */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from './cli.ts'

/** Its path on the host. */
export async function makeProbe(directory: string): Promise<string> {
  for (const name of ['probe', 'out']) mkdirSync(join(directory, name))
  const program = join(directory, 'probe', 'probe')
  const source = join(repository, 'test', 'support', 'attacks', 'probe.c')
  await promisify(execFile)('gcc', ['-static', '-O1', '-o', program, source])
  return program
}
