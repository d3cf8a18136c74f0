import { readFileSync } from 'node:fs'
import { Flags } from '@oclif/core'
import { type Answer, candidatesFor, type KnownCommand, type ProjectNames } from '../cli/completion/candidates.ts'
import { FileCommand } from '../cli/file-command.ts'
import { type GlobalFlags, globalFlags } from '../cli/global-flags.ts'
import { loadOptions } from '../cli/load-options.ts'
import { readFlags, type ValuedFlags } from '../cli/read-flags.ts'
import { loadProject } from '../model/load.ts'
import type { Project } from '../model/project.ts'

export default class Complete extends FileCommand {
  static override summary = 'Answer a shell what may stand where the cursor is'
  static override usage = 'complete -- [WORD...]'
  static override hidden = true
  static override flags = {
    next: Flags.boolean({ description: 'A new word begins, of which nothing has been written' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Complete)
    const words = flags.next ? [...this.operands, ''] : this.operands
    const manifest = JSON.parse(readFileSync(`${this.config.root}/oclif.manifest.json`, 'utf8')) as {
      readonly commands: Readonly<Record<string, KnownCommand>>
    }
    const globals = await globalsOf(words.slice(0, -1))
    this.output.out(write(candidatesFor(words, { commands: manifest.commands, globalFlags }, namesBy(globals))))
  }
}

/** What stands on the line by now decides which project is meant. */
async function globalsOf(words: readonly string[]): Promise<GlobalFlags> {
  const records = [globalFlags as unknown as ValuedFlags]
  const read = async (some: readonly string[]): Promise<GlobalFlags> =>
    (await readFlags(some, { flags: records, interspersed: false })).values as unknown as GlobalFlags
  return read(words).catch(() => read([]))
}

/** Of a project that can't be read nothing is known, and nobody is told in the middle of a line. */
function namesBy(globals: GlobalFlags): ProjectNames {
  let project: Project | undefined | false
  const find = (): Project | undefined => {
    project ??= tryToLoad(globals) ?? false
    return project || undefined
  }
  const services = () => ({ ...find()?.services, ...find()?.disabledServices })
  return {
    services: () => Object.keys(services()).sort(),
    profiles: () => [...new Set(Object.values(services()).flatMap((one) => one.profiles ?? []))].sort(),
  }
}

function tryToLoad(globals: GlobalFlags): Project | undefined {
  try {
    return loadProject(loadOptions(globals, { skip: new Set(['env-resolution', 'container-names']) })).project
  } catch {
    return undefined
  }
}

function write(answer: Answer): string {
  if (typeof answer === 'string') return `:${answer}\n`
  return answer.map(({ text, description }) => `${text}${description ? `\t${description}` : ''}\n`).join('')
}
