import { Flags } from '@oclif/core'
import { BaseCommand } from '../base-command.ts'
import { askSecret, askText } from '../cli/ask-text.ts'
import { Refusal } from '../cli/failure.ts'
import { stringFlag } from '../cli/flags.ts'
import { isTerminal } from '../cli/output.ts'
import { DriverError } from '../driver/driver.ts'
import { HUB } from '../runtime/image/reference.ts'
import { userCredentials } from '../runtime/image/registry/credentials.ts'
import { keepLogin, type Password, proveLogin, registryNamed } from '../runtime/image/registry/login.ts'
import { escapeControls } from '../view/paint.ts'

export default class Login extends BaseCommand {
  static override summary = 'Authenticate to a registry'
  static override usage = 'login [OPTIONS] [SERVER]'
  static override operandCount = { least: 0, most: 1 }
  static override flags = {
    password: stringFlag({ char: 'p', description: 'Password or Personal Access Token (PAT)' }),
    'password-stdin': Flags.boolean({ description: 'Take the Password or Personal Access Token (PAT) from stdin' }),
    username: stringFlag({ char: 'u', description: 'Username' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Login)
    refuseContradictions(flags)
    const registry = registryNamed(this.operands[0])
    if (!flags.username && !flags.password && (await this.#asBefore(registry))) return
    await this.#logIn(registry, await this.#whoAsks(registry, flags))
  }

  /** Whoever is logged in already, and is still taken, needs to say nothing. */
  async #asBefore(registry: string): Promise<boolean> {
    const known = await userCredentials(process.env)(registry, this.signal)
    if (known?.kind !== 'password') return false
    this.output.err(`Authenticating with existing credentials... [Username: ${escapeControls(known.username)}]\n`)
    try {
      await this.#logIn(registry, known)
      return true
    } catch (error) {
      if (!(error instanceof DriverError) || error.code !== 'permission-denied') throw error
      this.output.err(`Login did not succeed, error: ${escapeControls(error.message)}\n`)
      return false
    }
  }

  async #whoAsks(registry: string, flags: LoginFlags): Promise<Password> {
    if (flags.password) {
      this.output.err('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n')
    }
    const given = flags['password-stdin'] ? await readPassword() : flags.password
    if (!(flags.username && given) && !isTerminal(0))
      throw new Refusal(
        'cannot perform an interactive login from a non TTY device',
        'give "--username" and "--password-stdin"',
      )
    const { output, signal } = this
    const username =
      flags.username || (await askText(`Username for ${registry === HUB ? 'Docker Hub' : registry}: `, output, signal))
    if (username === '') throw new Refusal('username is required')
    const password = given || (await askSecret('Password: ', output, signal))
    if (password === '') throw new Refusal('password is required')
    return { kind: 'password', username, password }
  }

  async #logIn(registry: string, password: Password): Promise<void> {
    const setting = { env: process.env, signal: this.signal }
    const credential = await proveLogin(registry, password, setting)
    const openFile = await keepLogin(registry, { username: password.username, credential }, setting)
    if (openFile !== undefined) this.output.err(unencrypted(openFile))
    this.answer('Login Succeeded\n')
  }
}

interface LoginFlags {
  readonly username: string | undefined
  readonly password: string | undefined
  readonly 'password-stdin': boolean
}

function refuseContradictions(flags: LoginFlags): void {
  if (!flags['password-stdin']) return
  if (flags.password !== undefined)
    throw new Refusal('conflicting options: cannot specify both --password and --password-stdin')
  if (!flags.username) throw new Refusal('the --password-stdin option requires --username to be set')
}

const LONGEST_PASSWORD = 1 << 20

async function readPassword(): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LONGEST_PASSWORD) throw new Refusal('what comes on stdin is too long for a password')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

function unencrypted(path: string): string {
  return [
    `\nWARNING! Your credentials are stored unencrypted in '${escapeControls(path)}'.`,
    'Configure a credential helper to remove this warning. See',
    'https://docs.docker.com/go/credential-store/\n\n',
  ].join('\n')
}
