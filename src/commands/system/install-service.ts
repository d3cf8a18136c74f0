import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { notYet, Refusal } from '../../cli/failure.ts'
import { stringFlag } from '../../cli/flags.ts'
import { bootServiceFor, findStarter, installBootService, type Starter } from '../../cli/install-boot-service.ts'

export default class SystemInstallService extends BaseCommand {
  static override summary = 'Have "tscompose system boot" run with every start of the machine'
  static override usage = 'system install-service [OPTIONS]'
  static override operandCount = { least: 0, most: 0 }
  static override flags = {
    init: stringFlag({
      description: 'What starts it: a unit of systemd, or cron (default: what this machine has)',
      options: ['systemd', 'cron'],
    }),
    root: stringFlag({ default: '/', description: 'Install it into the system below this directory' }),
    user: Flags.boolean({ description: 'Install it for this user alone' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(SystemInstallService)
    if (flags.user) throw notYet('--user')
    const starter = (flags.init as Starter | undefined) ?? findStarter(flags.root)
    const service = bootServiceFor(starter, flags.root, {
      nodePath: process.execPath,
      programPath: join(this.config.root, 'bin', 'tscompose.cjs'),
      dataDir: process.env.TSCOMPOSE_DATA_DIR || '/var/lib/tscompose',
      environment: chosenDirectories(process.env),
    })
    if (flags['dry-run']) return this.answer(`# ${service.path}\n${service.text}`)
    if (process.getuid?.() !== 0) throw new Refusal('installing a service needs root', 'try it with "sudo"')
    installBootService(service)
    this.output.err(`${service.path} is written: "tscompose system boot" runs with the next start of the machine\n`)
  }
}

/** The service finds the state where this command would. */
function chosenDirectories(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const names = ['TSCOMPOSE_DATA_DIR', 'TSCOMPOSE_RUN_DIR', 'TSCOMPOSE_NATIVE_PATH']
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
}
