/** The form of the files beside this folder: projects of a few lines, what is typed in them, and what Docker Compose was seen to answer. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'

/** All of it, but for the line feeds at its end; or a list of what must be found in it, where `/…/` is a regular expression. */
type Expectation = string | readonly string[]

export interface Answer {
  readonly code?: number
  readonly stdout?: Expectation
  readonly stderr?: Expectation
  /** What must not be found there. */
  readonly 'no-stdout'?: readonly string[]
  readonly 'no-stderr'?: readonly string[]
}

export interface Step extends Answer {
  /** A line of bash in the project's folder, where `compose` is the subject and `networks PREFIX` lists what networks there are. */
  readonly run: string
  /** Asked again until it is as expected. */
  readonly eventually?: boolean
  /** What tscompose answers on purpose instead. */
  readonly tscompose?: Answer & { readonly because: string }
}

export interface Scenario {
  /** The folder's name too, and so the project's. */
  readonly name: string
  readonly theme: string
  /** What the user may rely on, in one sentence. */
  readonly intent: string
  readonly files: Readonly<Record<string, string>>
  /** Projects that are taken down at the end, if it is more than the folder's. */
  readonly projects: readonly string[]
  readonly steps: readonly Step[]
  /** Why tscompose cannot play it at all, yet. */
  readonly missing?: string
}

const SCENARIO_KEYS = ['intent', 'files', 'projects', 'steps', 'missing']
const ANSWER_KEYS = ['code', 'stdout', 'stderr', 'no-stdout', 'no-stderr']
const STEP_KEYS = [...ANSWER_KEYS, 'run', 'eventually', 'tscompose']

export function readScenarios(folder: string): Scenario[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return files.sort().flatMap((file) => {
    const texts = parse(readFileSync(join(folder, file), 'utf8')) as Record<string, Omit<Scenario, 'name' | 'theme'>>
    const theme = basename(file, '.yaml')
    return Object.entries(texts).map(([name, text]) =>
      checked({ ...text, name, theme, projects: [name, ...(text.projects ?? [])] }),
    )
  })
}

/** Deliberate or missing: what the count of equal scenarios leaves out. */
export function isEqual(scenario: Scenario): boolean {
  return scenario.missing === undefined && scenario.steps.every((step) => step.tscompose === undefined)
}

/** A misspelt key would be an expectation that nobody checks. */
function checked(scenario: Scenario): Scenario {
  const { name, theme, ...rest } = scenario
  if (typeof scenario.intent !== 'string') throw new Error(`${theme}.yaml: ${name} has no intent`)
  refuseOthers(`${theme}.yaml: ${name}`, rest, SCENARIO_KEYS)
  for (const step of scenario.steps) {
    refuseOthers(`${theme}.yaml: ${name}`, step, STEP_KEYS)
    refuseOthers(`${theme}.yaml: ${name}`, step.tscompose ?? {}, [...ANSWER_KEYS, 'because'])
  }
  return scenario
}

function refuseOthers(where: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new Error(`${where} has an unknown key "${unknown}"`)
}
