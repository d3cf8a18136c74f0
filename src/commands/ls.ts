import { Flags } from '@oclif/core'
import { Refusal } from '../cli/failure.ts'
import { listFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { isAlive } from '../planner/observed-containers.ts'
import { type ProjectSummary, renderProjects, renderProjectsAsJson, summarizeProjects } from '../view/project-list.ts'

export default class Ls extends ProjectCommand {
  static override summary = 'List running compose projects'
  static override usage = 'ls [OPTIONS]'
  static override operandCount = { least: 0, most: 0 }
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'Show all stopped Compose projects' }),
    filter: listFlag({ helpValue: 'filter', description: 'Filter output based on conditions provided' }),
    format: stringFlag({ default: 'table', description: 'Format the output. Values: [table | json]' }),
    quiet: Flags.boolean({ char: 'q', description: 'Only display project names' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Ls)
    const names = readNames(flags.filter)
    const render = RENDERERS.get(flags.format.toLowerCase())
    if (render === undefined && !flags.quiet)
      throw new Refusal(`format value "${flags.format}" could not be parsed: parsing failed`)
    const containers = await this.driver.observeEverywhere(this.signal)
    const shown = summarizeProjects(flags.all ? containers : containers.filter(isAlive)).filter(
      ({ name }) => names.length === 0 || names.some((pattern) => pattern.test(name)),
    )
    this.answer(flags.quiet ? shown.map(({ name }) => `${name}\n`).join('') : (render?.(shown) ?? ''))
  }
}

const RENDERERS: ReadonlyMap<string, (projects: readonly ProjectSummary[]) => string> = new Map([
  ['table', renderProjects],
  ['json', renderProjectsAsJson],
])

/** Each is a pattern; one that fits is enough. */
function readNames(filters: readonly string[]): readonly RegExp[] {
  return filters.map((filter) => {
    const equals = filter.indexOf('=')
    if (equals < 0) throw new Refusal(`invalid filter ${JSON.stringify(filter)}`, 'write --filter name=PATTERN')
    const key = filter.slice(0, equals).trim().toLowerCase()
    if (key !== 'name') throw new Refusal(`invalid filter '${key}'`, 'the only filter is name: --filter name=PATTERN')
    return toPattern(filter.slice(equals + 1).trim())
  })
}

function toPattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw new Refusal(
      `invalid filter: ${JSON.stringify(text)} is not a pattern`,
      'write a name, or a regular expression',
    )
  }
}
