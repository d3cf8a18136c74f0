/** Runs the built CLI as a user would, with state directories of the test run's own. */
import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
export const program = join(repository, 'bin', 'tscompose')
/** What the program hands over to, to be run by Node. */
export const programOfNode = `${program}.cjs`

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Another user than the test's own. */
  readonly uid?: number
}

/** The state directories of this run; global-setup.ts makes and removes them. */
export function stateEnvironment(): Record<string, string> {
  const directory = process.env.TSCOMPOSE_E2E_STATE
  if (directory === undefined) throw new Error('TSCOMPOSE_E2E_STATE is not set: run through vitest.config.ts')
  return { TSCOMPOSE_DATA_DIR: join(directory, 'data'), TSCOMPOSE_RUN_DIR: join(directory, 'run') }
}

export function start(args: readonly string[], options: RunOptions) {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...stateEnvironment(), ...options.environment }
  delete environment.NODE_EXTRA_CA_CERTS
  delete environment.GITHUB_ACTIONS
  const user = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
  const spawned: SpawnOptionsWithoutStdio = { cwd: options.cwd, env: environment, ...user }
  return spawn(program, [...args], spawned)
}

export function tscompose(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const child = start(args, options)
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, ...output })
    })
  })
}

/** Runs it and fails with everything it said unless it succeeds. */
export async function mustRun(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const outcome = await tscompose(args, options)
  if (outcome.code !== 0) {
    throw new Error(
      `tscompose ${args.join(' ')} exited with ${outcome.code ?? outcome.signal}\n${outcome.stdout}\n${outcome.stderr}`,
    )
  }
  return outcome
}

/** Writes a project's files below `directory` and returns the directory. */
export function writeProject(directory: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return directory
}

/** Asks until `probe` answers something, because the outside world has no events for us. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let last: unknown
  while (Date.now() < deadline) {
    try {
      const answer = await probe()
      if (answer !== undefined) return answer
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${what} did not happen within ${timeoutMs} ms`, { cause: last })
}
