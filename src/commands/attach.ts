import { Flags } from '@oclif/core'
import { readDetachKeys, USUAL_DETACH_KEYS, untilDetached } from '../cli/detach-keys.ts'
import { withPipes, withRawTerminal } from '../cli/exec-terminal.ts'
import { ExitStatus } from '../cli/failure.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { isTerminal } from '../cli/output.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireRunning, requireServices } from '../cli/service-selection.ts'
import { EXIT } from '../diagnostic.ts'
import type { ExecStreams, ObservedContainer } from '../driver/driver.ts'

export default class Attach extends ProjectCommand {
  static override summary = "Attach local standard input, output, and error streams to a service's running container"
  static override usage = 'attach [OPTIONS] SERVICE'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    'detach-keys': stringFlag({ description: 'Override the key sequence for detaching from a container.' }),
    index: integerFlag({ description: 'index of the container if service has multiple replicas.' }),
    'no-stdin': Flags.boolean({ description: 'Do not attach STDIN' }),
    'sig-proxy': Flags.boolean({ default: true, description: 'Proxy all received signals to the process' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Attach)
    const keys = readDetachKeys(flags['detach-keys'] || USUAL_DETACH_KEYS)
    const [serviceName = ''] = this.operands
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([serviceName], subject, containers)
    const container = requireRunning(containers, { serviceName, index: flags.index ?? 0 })
    if (flags['dry-run']) return
    const code = await this.#attach(container, { keys, stdin: !flags['no-stdin'], signals: flags['sig-proxy'] })
    if (code !== 0) throw new ExitStatus(code)
  }

  async #attach(container: ObservedContainer, { keys, stdin, signals }: Attachment): Promise<number> {
    const left = new AbortController()
    const withStreams = stdin && container.tty && isTerminal(0) ? withRawTerminal : withPipes
    const passing = signals ? passSignals() : undefined
    const signal = AbortSignal.any([left.signal, ...(passing ? [] : [this.signal])])
    try {
      const wanted = { stdin: process.stdin, output: this.output, interactive: stdin, redraw: true }
      return await withStreams(wanted, (streams) => {
        const input = streams.stdin && { stdin: untilDetached(streams.stdin, keys, () => left.abort()) }
        const ends: ExecStreams = { ...streams, ...input, ...(passing && { onSignaller: passing.onSignaller }) }
        return this.driver.attach(container.containerId, ends, signal)
      })
    } catch (error) {
      if (!left.signal.aborted) throw error
      this.output.err('read escape sequence\n')
      return EXIT.failed
    } finally {
      passing?.release()
    }
  }
}

interface Attachment {
  readonly keys: Uint8Array
  readonly stdin: boolean
  readonly signals: boolean
}

/** Those that people send to what they look at; the others are the operating system's. */
const PASSED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** From now on they are the container's. */
function passSignals() {
  let send: ((name: string) => void) | undefined
  const pass = (name: string): void => send?.(name)
  for (const name of PASSED) process.on(name, pass)
  return {
    onSignaller: (sender: (name: string) => void): void => {
      send = sender
    },
    release: (): void => {
      for (const name of PASSED) process.off(name, pass)
    },
  }
}
