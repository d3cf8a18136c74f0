/**
 * A start of the machine as the runtime sees one: every process, link, rule and control group of ours is gone, the run directory is
 * empty, and the kernel's boot id is another. That is shown to commands by a mount in a mount namespace of their own.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Outcome, program, stateEnvironment } from '../e2e/support/cli.ts'
import { killWatchers } from './watchers.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

export interface Boot {
  readonly tscompose: (args: readonly string[], cwd: string) => Promise<Outcome>
  /** A line as a shell would run it. */
  readonly shell: (line: string, cwd: string) => Promise<Outcome>
}

/** Commands as they run after another start of the machine. The file holds the new boot's id. */
export function anotherBoot(file: string): Boot {
  writeFileSync(file, '00000000-1111-2222-3333-444444444444\n')
  const run = (words: readonly string[], cwd: string): Promise<Outcome> =>
    new Promise((resolve) => {
      const script = `mount --bind "$0" ${BOOT_ID} && exec "$@"`
      const env = { ...process.env, ...stateEnvironment() }
      execFile('unshare', ['-m', 'sh', '-c', script, file, ...words], { cwd, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), signal: error?.signal ?? null, stdout, stderr }),
      )
    })
  return {
    tscompose: (args, cwd) => run([program, ...args], cwd),
    shell: (line, cwd) => run(['sh', '-c', line], cwd),
  }
}

/** Everything that a machine loses with its power, as far as it is of this test run. */
export async function powerOff(): Promise<void> {
  const { TSCOMPOSE_DATA_DIR: data = '', TSCOMPOSE_RUN_DIR: run = '' } = stateEnvironment()
  await killWatchers()
  const bridges = readdirSync(join(data, 'networks')).map((id) => `tsc${id.slice(0, 12)}`)
  for (const bridge of bridges) execFileSync('ip', ['link', 'delete', bridge])
  if (!foreignBridges(bridges)) execFileSync('nft', ['delete', 'table', 'inet', 'tscompose'])
  for (const id of readdirSync(join(data, 'containers'))) removeGroups(id)
  rmSync(run, { recursive: true })
}

/** Rules of a test run beside this one are not ours to delete. */
function foreignBridges(own: readonly string[]): boolean {
  const rules = execFileSync('nft', ['list', 'table', 'inet', 'tscompose'], { encoding: 'utf8' })
  return [...rules.matchAll(/"(tsc[0-9a-f]{12})"/g)].some(([, bridge = '']) => !own.includes(bridge))
}

function removeGroups(containerId: string): void {
  for (const hierarchy of ['', ...readdirSync('/sys/fs/cgroup')]) {
    const group = join('/sys/fs/cgroup', hierarchy, 'tscompose', containerId)
    if (existsSync(group)) rmdirSync(group)
  }
}

/** The real boot's id, for records that tell of it. */
export function realBootId(): string {
  return readFileSync(BOOT_ID, 'latin1').trim()
}
