import { Flags } from '@oclif/core'
import { attached } from '../cli/attachment.ts'
import { chooseDetachKeys } from '../cli/detach-keys.ts'
import { ExitStatus } from '../cli/failure.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireRunning, requireServices } from '../cli/service-selection.ts'
import { EXIT } from '../diagnostic.ts'

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
    const keys = chooseDetachKeys(flags['detach-keys'], process.env)
    const [serviceName = ''] = this.operands
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([serviceName], subject, containers)
    const container = requireRunning(containers, { serviceName, index: flags.index ?? 0 })
    if (flags['dry-run']) return
    const code = await attached(
      {
        output: this.output,
        keys,
        stdin: !flags['no-stdin'],
        tty: container.tty,
        redraw: true,
        passesSignals: flags['sig-proxy'],
        signal: this.signal,
      },
      (streams, signal) => this.driver.attach(container.containerId, streams, signal),
    )
    if (code === undefined) this.output.err('read escape sequence\n')
    if (code !== 0) throw new ExitStatus(code ?? EXIT.failed)
  }
}
