/** Makes a static program of a C source of test/support: with the machine's compiler, or of what was made of it elsewhere. */
import { execFile } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

export async function compile(source: string, program: string): Promise<void> {
  const ready = process.env.TSCOMPOSE_PROBES
  if (ready === undefined) await promisify(execFile)('gcc', ['-static', '-O1', '-o', program, source])
  else copyFileSync(join(ready, basename(source, '.c')), program)
}
