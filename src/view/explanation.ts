/** `config --explain` for people: each value with its place beside it, and below it its variables and what it replaced. */
import type { Location } from '../diagnostic.ts'
import type {
  Arrival,
  ExplainedValue,
  ExplainedVariable,
  Explanation,
  ValueOrigin,
} from '../model/explain/explained.ts'
import { escapeControls, type Paint } from './paint.ts'

/** Beyond it a place goes where the line ends. */
const WIDEST = 60

export function renderExplanation({ values, arrivals }: Explanation, paint: Paint): string {
  const heads = values.map(({ path, value }) => `${pathText(path)}: ${valueText(value)}`)
  const width = Math.min(WIDEST, Math.max(0, ...heads.map((head) => head.length)))
  const lines = values.flatMap((value, index) => {
    const head = escapeControls(heads[index] ?? '')
    return [`${head.padEnd(width)}  ${paint('cyan', originText(value.origin))}`, ...below(value, paint)]
  })
  return [...arrivals.map((one) => arrivalText(one, paint)), ...lines].map((line) => `${line}\n`).join('')
}

const pathText = (path: ExplainedValue['path']): string => path.map((key, index) => keyText(key, index === 0)).join('')

function keyText(key: string | number, isFirst: boolean): string {
  if (typeof key === 'number') return `[${key}]`
  if (!/^[\w/-]+$/.test(key)) return `[${JSON.stringify(key)}]`
  return isFirst ? key : `.${key}`
}

const valueText = (value: ExplainedValue['value']): string =>
  typeof value === 'string' && value !== '{}' && value !== '[]' ? JSON.stringify(value) : String(value)

function originText(origin: ValueOrigin): string {
  switch (origin.kind) {
    case 'file':
      return placeText(origin.at)
    case 'default':
      return 'default of the Compose Specification'
    case 'name':
      return 'made of the name of the project and the key'
    case 'variable':
      return origin.at ? `passed on by name at ${placeText(origin.at)}` : 'passed on by name'
  }
}

const placeText = ({ file, line, column }: Location): string => escapeControls(`${file}:${line}:${column}`)

function below({ variables, replaced }: ExplainedValue, paint: Paint): readonly string[] {
  const templates = [...new Set(variables.map(({ template }) => template))].filter((template) => template !== '')
  return [
    ...templates.map((template) => `    written as ${escapeControls(JSON.stringify(template))}`),
    ...variables.map((variable) => `    ${variableText(variable)}`),
    ...replaced.map(({ value, at }) => {
      const place = at ? `, ${placeText(at)}` : ''
      return paint('faint', `    instead of ${escapeControls(value)}${place}`)
    }),
  ]
}

function variableText({ name, value, from, at }: ExplainedVariable): string {
  const set = `${name}=${escapeControls(JSON.stringify(value))}`
  switch (from) {
    case 'process':
      return `${set} from the environment`
    case 'file':
      return `${set} from ${at ? placeText(at) : 'a file'}`
    case 'flag':
      return `${set} from the command line`
    case 'directory':
      return `${set} from the name of the directory`
    case 'default':
      return `${name} is not set: the default ${escapeControls(JSON.stringify(value))} is taken`
    case 'unset':
      return `${name} is not set`
  }
}

function arrivalText({ path, kind, service, at }: Arrival, paint: Paint): string {
  const what = kind === 'extends' ? `extends service ${JSON.stringify(service)}` : 'comes in by include'
  return `${escapeControls(`${pathText(path)} ${what}`)}  ${paint('cyan', at ? placeText(at) : '')}`.trimEnd()
}
