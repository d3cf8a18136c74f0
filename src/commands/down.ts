import { Flags } from '@oclif/core'
import type { Planner } from '../cli/change.ts'
import { isTrue } from '../cli/environment.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { findImages } from '../cli/surroundings.ts'
import { timeoutOption } from '../cli/timeout.ts'
import type { Driver } from '../driver/driver.ts'
import { planDown } from '../planner/down.ts'
import type { Subject } from '../planner/scope.ts'

export default class Down extends ProjectCommand {
  static override summary = 'Stop and remove containers, networks'
  static override usage = 'down [OPTIONS] [SERVICES]'
  static override flags = {
    'remove-orphans': Flags.boolean({ description: 'Remove containers for services not defined in the Compose file' }),
    rmi: stringFlag({
      options: ['local', 'all'],
      description:
        'Remove images used by services. "local" remove only images that don\'t have a custom tag ("local"|"all")',
    }),
    timeout: integerFlag({ char: 't', description: 'Specify a shutdown timeout in seconds' }),
    volumes: Flags.boolean({
      char: 'v',
      description:
        'Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Down)
    const subject = this.readSubject(flags, this.operands)
    const removeOrphans = this.written.has('remove-orphans')
      ? flags['remove-orphans']
      : isTrue(process.env.COMPOSE_REMOVE_ORPHANS)
    const options = {
      services: this.operands,
      removeOrphans,
      volumes: flags.volumes,
      ...(flags.rmi && { images: flags.rmi as 'local' | 'all' }),
      ...timeoutOption(flags.timeout),
    }
    const planner: Planner = async (observed, driver) => {
      const presentImages = flags.rmi ? await this.#imagesOf(subject, driver) : undefined
      return planDown(subject, observed, { ...options, ...(presentImages && { presentImages }) })
    }
    await this.changeNamed(subject, planner, { globals: flags })
  }

  async #imagesOf(subject: Subject, driver: Driver): Promise<ReadonlySet<string>> {
    if (typeof subject === 'string') return new Set()
    const found = await findImages(subject, driver, this.signal)
    return new Set([...found].flatMap(([reference, image]) => (image ? [reference] : [])))
  }
}
