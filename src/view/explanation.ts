/** `config --explain` for people: each value with its place beside it, and below it its variables and what it replaced. */
import type { Location } from '../diagnostic.ts'
import type {
  Arrival,
  ExplainedValue,
  ExplainedVariable,
  Explanation,
  ReplacedValue,
  ValueOrigin,
  Way,
} from '../model/explain/explained.ts'
import { escapeControls, type Paint } from './paint.ts'

/** Beyond it a place goes where the line ends. */
const WIDEST = 60
/** Of a value that was replaced, and of a text as it was written. */
const LONGEST = 100

export function renderExplanation({ values, arrivals }: Explanation, paint: Paint): string {
  const heads = values.map(({ path, value }) => escapeControls(`${pathText(path)}: ${valueText(value)}`))
  const width = Math.min(WIDEST, Math.max(0, ...heads.map((head) => head.length)))
  const details = values.map((value) => detailsOf(value, paint).join('\n'))
  const lines = values.flatMap((value, index) => {
    const head = `${(heads[index] ?? '').padEnd(width)}  ${paint('cyan', originText(value))}`
    const own = details[index] ?? ''
    // What was made of one text, as the parts of a port, has one history: it stands below the last of them.
    const isToldBelow = own === details[index + 1] && isSamePlace(value, values[index + 1])
    return own === '' || isToldBelow ? [head] : [head, own]
  })
  return [...arrivals.map((one) => arrivalText(one, paint)), ...lines].map((line) => `${line}\n`).join('')
}

function isSamePlace({ path, origin }: ExplainedValue, next: ExplainedValue | undefined): boolean {
  if (!next || next.path.slice(0, -1).join('\n') !== path.slice(0, -1).join('\n')) return false
  return originPlace(origin) === originPlace(next.origin)
}

const originPlace = (origin: ValueOrigin): string | undefined =>
  origin.kind === 'file' ? placeText(origin.at) : undefined

const pathText = (path: ExplainedValue['path']): string => path.map((key, index) => keyText(key, index === 0)).join('')

function keyText(key: string | number, isFirst: boolean): string {
  if (typeof key === 'number') return `[${key}]`
  if (!/^[\w/-]+$/.test(key)) return `[${JSON.stringify(key)}]`
  return isFirst ? key : `.${key}`
}

const valueText = (value: ExplainedValue['value']): string =>
  typeof value === 'string' && value !== '{}' && value !== '[]' ? JSON.stringify(value) : String(value)

const originText = ({ origin, through }: ExplainedValue): string =>
  [originWords(origin), ...through.map(wayText)].join(', ')

function originWords(origin: ValueOrigin): string {
  switch (origin.kind) {
    case 'file':
      return placeText(origin.at)
    case 'default':
      return 'default of the Compose Specification'
    case 'name':
      return 'made of the name of the project and the key'
    case 'variable':
      return origin.at ? `passed on by name at ${placeText(origin.at)}` : 'from a variable'
    case 'flag':
      return `from ${origin.flag}`
    case 'directory':
      return 'the name of the directory'
  }
}

const wayText = ({ kind, at }: Way): string =>
  `${kind === 'extends' ? 'extended' : 'included'}${at ? ` at ${placeText(at)}` : ''}`

const placeText = ({ file, line, column }: Location): string => escapeControls(`${file}:${line}:${column}`)

function detailsOf({ origin, variables, replaced }: ExplainedValue, paint: Paint): readonly string[] {
  const shown = origin.kind === 'flag' || origin.kind === 'directory' ? [] : variables
  const templates = shown.filter(({ name, template }) => name !== template).map(({ template }) => template)
  return [
    ...[...new Set(templates)].map((template) => `    written as ${shorten(JSON.stringify(template))}`),
    ...distinct(shown.map((variable) => `    ${variableText(variable)}`)),
    ...replaced.map((one) => paint('faint', replacedText(one))),
  ]
}

const distinct = (lines: readonly string[]): readonly string[] => [...new Set(lines)]

const replacedText = ({ value, at }: ReplacedValue): string =>
  `    instead of ${shorten(value)}${at ? `, ${placeText(at)}` : ''}`

const shorten = (text: string): string =>
  escapeControls(text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text)

function variableText({ name, value, from, at }: ExplainedVariable): string {
  const text = value === undefined ? 'a content that is not shown' : escapeControls(JSON.stringify(value))
  const set = value === undefined ? `${name}, ${text},` : `${name}=${text}`
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
      return `${name} is not set: ${value === undefined ? text : `the default ${text}`} is taken`
    case 'unset':
      return `${name} is not set`
  }
}

function arrivalText({ path, kind, service, at }: Arrival, paint: Paint): string {
  const what = kind === 'extends' ? `extends service ${JSON.stringify(service)}` : 'comes in by include'
  return `${escapeControls(`${pathText(path)} ${what}`)}  ${paint('cyan', at ? placeText(at) : '')}`.trimEnd()
}
