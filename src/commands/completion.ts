import { BaseCommand } from '../base-command.ts'
import { SCRIPTS } from '../cli/completion/scripts.ts'
import { Refusal } from '../cli/failure.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print what teaches a shell to complete commands, flags and names of services'
  static override usage = 'completion bash|zsh|fish|powershell'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {}

  override async run(): Promise<void> {
    await this.parse(Completion)
    const [shell = ''] = this.operands
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
    if (script === undefined)
      throw new Refusal(`there is no completion for ${JSON.stringify(shell)}`, 'name bash, zsh, fish or powershell')
    this.output.out(script)
  }
}
