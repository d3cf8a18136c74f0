/** A Docker daemon for tests: of Debian's packages, started for the tests that need it and gone with them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../e2e/support/cli.ts'

const PEERS = process.env.TSCOMPOSE_PEERS || '/opt/peers'
const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'shared', 'tools', 'peers.sh')
export const dockerHost = `unix://${PEERS}/docker.sock`

/** Why there is none; undefined when there can be one. */
export function whyNoDaemon(): string | undefined {
  if (process.getuid?.() !== 0) return 'a Docker daemon needs root'
  if (answers()) return undefined
  return existsSync(SCRIPT)
    ? undefined
    : `there is no Docker daemon at ${dockerHost}, and nothing to start one with (${SCRIPT})`
}

export function docker(words: readonly string[], input?: string): string {
  const env = { ...process.env, DOCKER_HOST: dockerHost }
  return execFileSync(join(PEERS, 'bin', 'docker'), words, {
    env,
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Returns what stops it, and waits for its end; one that runs already stays. */
export function startDaemon(): () => Promise<void> {
  if (answers()) return async () => {}
  if (!existsSync(join(PEERS, 'bin', 'dockerd'))) execFileSync('bash', [SCRIPT, 'install', PEERS], { stdio: 'ignore' })
  execFileSync('bash', [SCRIPT, 'start', PEERS], { stdio: 'ignore', timeout: 120_000 })
  return async () => {
    const pids = ['docker', 'registry'].map((name) => readFileSync(join(PEERS, 'run', `${name}.pid`), 'utf8').trim())
    execFileSync('bash', [SCRIPT, 'stop', PEERS], { stdio: 'ignore', timeout: 60_000 })
    // Another one can't be started while it is on its way out.
    await eventually('the end of the daemon', async () =>
      pids.some((pid) => existsSync(`/proc/${pid}`)) ? undefined : true,
    )
    takeAway()
  }
}

function answers(): boolean {
  try {
    docker(['version'])
    return true
  } catch {
    return false
  }
}

/** What a daemon leaves on the machine: its bridge and its rules. */
function takeAway(): void {
  const words = [
    ['ip', 'link', 'del', 'docker0'],
    ...['ip nat', 'ip filter', 'ip raw', 'ip6 nat', 'ip6 filter', 'ip6 raw'].map((table) => [
      'nft',
      'delete',
      'table',
      ...table.split(' '),
    ]),
  ]
  for (const [program = '', ...rest] of words) {
    try {
      execFileSync(program, rest, { stdio: 'ignore' })
    } catch {
      // It was not there.
    }
  }
}
