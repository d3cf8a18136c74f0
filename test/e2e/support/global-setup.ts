/** Gives the test run state directories of its own, and takes them away again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'tscompose-e2e-'))
  process.env.TSCOMPOSE_E2E_STATE = directory
  return () => rmSync(directory, { recursive: true, force: true })
}
