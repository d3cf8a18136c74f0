/** Builds the attacker's program of test/support/attacks for containers that mount `probe` and `out` of the directory. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '../../support/compile.ts'
import { repository } from './cli.ts'

/** Its path on the host. */
export async function makeProbe(directory: string): Promise<string> {
  for (const name of ['probe', 'out']) mkdirSync(join(directory, name))
  const program = join(directory, 'probe', 'probe')
  await compile(join(repository, 'test', 'support', 'attacks', 'probe.c'), program)
  return program
}
