import { BaseCommand } from '../base-command.ts'
import { keyOf } from '../runtime/image/registry/docker-config.ts'
import { forgetLogin, registryNamed } from '../runtime/image/registry/login.ts'

export default class Logout extends BaseCommand {
  static override summary = 'Log out from a registry'
  static override usage = 'logout [SERVER]'
  static override operandCount = { least: 0, most: 1 }

  override async run(): Promise<void> {
    await this.parse(Logout)
    const registry = registryNamed(this.operands[0])
    this.answer(`Removing login credentials for ${keyOf(registry)}\n`)
    await forgetLogin(registry, { env: process.env, signal: this.signal })
  }
}
