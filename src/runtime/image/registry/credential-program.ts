/** The programs that keep credentials for Docker: `docker-credential-NAME get`, `store` and `erase`. */
import { type ExecFileException, execFile } from 'node:child_process'
import { DriverError } from '../../../driver/driver.ts'
import type { Credential } from './credential.ts'

export interface Errand {
  readonly key: string
  /** The file that names the program. */
  readonly path: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

const TIMEOUT_MS = 30_000
const MAX_BYTES = 1 << 20
/** What all of them say, by agreement, when they have nothing. */
const NOTHING_THERE = 'credentials not found in native keychain'
/** In place of a user's name: the secret is an identity token. */
const TOKEN_USER = '<token>'

export async function askCredentialProgram(name: string, errand: Errand): Promise<Credential | undefined> {
  const answer = await run(name, { verb: 'get', input: errand.key }, errand)
  return answer === undefined ? undefined : credentialOf(answer, programOf(name), errand.path)
}

export async function storeCredential(name: string, credential: Credential, errand: Errand): Promise<void> {
  const named =
    credential.kind === 'password'
      ? { Username: credential.username, Secret: credential.password }
      : { Username: TOKEN_USER, Secret: credential.token }
  await run(name, { verb: 'store', input: JSON.stringify({ ServerURL: errand.key, ...named }) }, errand)
}

/** Done when there is nothing. */
export async function eraseCredential(name: string, errand: Errand): Promise<void> {
  await run(name, { verb: 'erase', input: errand.key }, errand)
}

const programOf = (name: string): string => `docker-credential-${name}`

interface Order {
  readonly verb: 'get' | 'store' | 'erase'
  readonly input: string
}

/** What the program says; undefined when it has nothing. */
async function run(name: string, order: Order, errand: Errand): Promise<string | undefined> {
  const program = programOf(name)
  if (!/^[\w.-]+$/.test(name)) throw refusal(program, errand.path, 'that is not the name of a program')
  const { error, stdout } = await execute(program, order, errand)
  if (errand.signal.aborted) throw error
  if (stdout.includes(NOTHING_THERE)) return undefined
  if (error) throw refusal(program, errand.path, error.code === 'ENOENT' ? 'it is not installed' : stdout.trim(), error)
  return stdout
}

interface Outcome {
  readonly error: ExecFileException | null
  readonly stdout: string
}

function execute(program: string, { verb, input }: Order, { env, signal }: Errand): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env, signal, timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES }
    const child = execFile(program, [verb], options, (error, stdout) => resolve({ error, stdout }))
    // A program that is not there, or reads nothing, is told by its end.
    child.stdin?.on('error', () => undefined).end(input)
  })
}

function credentialOf(text: string, program: string, path: string): Credential | undefined {
  try {
    const { Username: username, Secret: secret } = JSON.parse(text) as Record<string, unknown>
    if (typeof username !== 'string' || typeof secret !== 'string') throw new SyntaxError('no name or no secret')
    if (username === TOKEN_USER) return { kind: 'identity-token', token: secret }
    return username === '' ? undefined : { kind: 'password', username, password: secret }
  } catch (cause) {
    throw refusal(program, path, 'its answer is not what it should be', cause)
  }
}

function refusal(program: string, path: string, why: string, cause?: unknown): DriverError {
  const reason = why === '' ? 'it failed' : why
  return new DriverError('refused', `"${program}" gives no credentials: ${reason}`, {
    hint: `put it right, or take it out of "${path}"`,
    cause,
  })
}
