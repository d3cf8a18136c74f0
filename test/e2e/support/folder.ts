/** A folder of its own for each test, and proof that the test leaves nothing on the machine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { expectNothingLeft, takeSnapshot } from '../../support/leaks.ts'
import { mustRun, writeProject } from './cli.ts'

/** Where commands are run, as they take it. */
export interface Folder {
  readonly cwd: string
}

/** `leave` takes down what the test has brought up. */
export function useFolder(
  files: Readonly<Record<string, string>> = {},
  leave: (here: Folder) => Promise<unknown> = (here) => mustRun(['down', '-v', '-t', '0'], here),
): Folder {
  let cwd = ''
  const here: Folder = {
    get cwd() {
      return cwd
    },
  }
  let before: Awaited<ReturnType<typeof takeSnapshot>>
  beforeEach(async () => {
    before = await takeSnapshot()
    cwd = writeProject(mkdtempSync(join(tmpdir(), 'tsc-e2e-')), files)
  })
  afterEach(async () => {
    await leave(here)
    rmSync(cwd, { recursive: true })
    await expectNothingLeft(before)
  })
  return here
}
