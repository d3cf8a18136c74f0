/** Programs of others that are compared with: on the PATH, or where ../shared/tools unpacks Debian's packages. */
import { execFileSync, spawnSync } from 'node:child_process'

process.env.PATH = `${process.env.PATH}:${process.env.TSCOMPOSE_PEERS || '/opt/peers'}/bin`

/** Undefined when they can all be run; the tests that need them are skipped otherwise. */
export function whyNot(...programs: readonly string[]): string | undefined {
  const missing = programs.filter((one) => spawnSync(one, ['--version'], { stdio: 'ignore' }).error !== undefined)
  if (missing.length > 0) console.warn(`tests with other programs are skipped: there is no ${missing.join(', no ')}`)
  return missing.length === 0 ? undefined : missing.join(', ')
}

export function pathOf(program: string): string {
  return execFileSync('sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8' }).trim()
}
