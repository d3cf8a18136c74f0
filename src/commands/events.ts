import { Flags } from '@oclif/core'
import { stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireServices } from '../cli/service-selection.ts'
import { timeOption } from '../cli/time-option.ts'
import { LABEL } from '../driver/driver.ts'
import { eventJson, eventLine } from '../view/event-lines.ts'

export default class Events extends ProjectCommand {
  static override summary = 'Receive real time events from containers'
  static override usage = 'events [OPTIONS] [SERVICE...]'
  static override flags = {
    json: Flags.boolean({ description: 'Output events as a stream of json objects' }),
    since: stringFlag({ description: 'Show all events created since timestamp' }),
    until: stringFlag({ description: 'Stream events until this timestamp' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Events)
    const options = { ...timeOption('sinceMs', flags.since), ...timeOption('untilMs', flags.until) }
    const subject = this.readSubject(flags)
    const projectName = projectNameOf(subject)
    if (this.operands.length > 0)
      requireServices(this.operands, subject, (await this.driver.observe(projectName, this.signal)).containers)
    const show = flags.json ? eventJson : eventLine
    for await (const event of this.driver.readEvents(projectName, options, this.signal)) {
      if (this.operands.length > 0 && !this.operands.includes(event.labels[LABEL.service] ?? '')) continue
      this.answer(show(event))
    }
    this.signal.throwIfAborted()
  }
}
