import { Flags } from '@oclif/core'
import { attached } from '../cli/attachment.ts'
import { chooseDetachKeys } from '../cli/detach-keys.ts'
import { ExitStatus } from '../cli/failure.ts'
import { integerFlag, listFlag, stringFlag } from '../cli/flags.ts'
import { isTerminal } from '../cli/output.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireRunning, requireServices } from '../cli/service-selection.ts'
import { EXIT } from '../diagnostic.ts'
import type { ExecSpec } from '../driver/driver.ts'

export default class Exec extends ProjectCommand {
  static override summary = 'Execute a command in a running container'
  static override usage = 'exec [OPTIONS] SERVICE COMMAND [ARGS...]'
  static override interspersed = false
  static override operandCount = { least: 2, most: Number.POSITIVE_INFINITY }
  static override flags = {
    detach: Flags.boolean({ char: 'd', description: 'Detached mode: Run command in the background' }),
    env: listFlag({ char: 'e', description: 'Set environment variables' }),
    index: integerFlag({ description: 'Index of the container if service has multiple replicas' }),
    interactive: Flags.boolean({
      char: 'i',
      default: true,
      hidden: true,
      description: 'Keep STDIN open even if not attached',
    }),
    'no-tty': Flags.boolean({
      char: 'T',
      aliases: ['no-TTY'],
      description: "Disable pseudo-TTY allocation. By default 'tscompose exec' allocates a TTY.",
    }),
    privileged: Flags.boolean({ description: 'Give extended privileges to the process' }),
    tty: Flags.boolean({ char: 't', default: true, hidden: true, description: 'Allocate a pseudo-TTY' }),
    user: stringFlag({ char: 'u', description: 'Run the command as this user' }),
    workdir: stringFlag({ char: 'w', description: 'Path to workdir directory for this command' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Exec)
    const [serviceName = '', ...argv] = this.operands
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([serviceName], subject, containers)
    const { containerId } = requireRunning(containers, { serviceName, index: flags.index ?? 0 })
    const variables = typeof subject === 'string' ? process.env : subject.environment
    const tty = !flags['no-tty'] && flags.tty && !flags.detach && this.output.outIsTerminal && isTerminal(0)
    const code = await this.#exec(containerId, {
      argv,
      environment: flags.env.map((entry) => resolveVariable(entry, variables)).filter((entry) => entry !== undefined),
      tty,
      stdin: flags.interactive && !flags.detach,
      privileged: flags.privileged,
      detach: flags.detach,
      ...(flags.user && { user: flags.user }),
      ...(flags.workdir && { workingDir: flags.workdir }),
    })
    if (code !== 0) throw new ExitStatus(code)
  }

  async #exec(containerId: string, spec: ExecSpec): Promise<number> {
    const { signal, output } = this
    if (spec.detach) return this.driver.exec(containerId, spec, { stdout: () => {}, stderr: () => {} }, signal)
    const { stdin, tty } = spec
    const keys = chooseDetachKeys(undefined, process.env)
    const attachment = { output, keys, stdin, tty, redraw: false, passesSignals: false, signal }
    const code = await attached(attachment, (streams, until) => this.driver.exec(containerId, spec, streams, until))
    if (code === undefined) output.err('read escape sequence\n')
    return code ?? EXIT.failed
  }
}

/** `KEY` alone takes the value from the environment, and is left out where there is none. */
function resolveVariable(entry: string, variables: Readonly<Record<string, string | undefined>>): string | undefined {
  if (entry.includes('=')) return entry
  const value = variables[entry]
  return value === undefined ? undefined : `${entry}=${value}`
}
