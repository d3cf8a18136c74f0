/** `config --variables`: the variables of the files as a table, as JSON or as YAML. */
import { type Mention, variablesOf } from '../model/interpolate/variables.ts'
import type { Printed } from '../model/print.ts'
import type { MapNode } from '../model/tree/node.ts'
import { emitYaml } from '../model/yaml/emit.ts'
import { renderTable } from '../view/table.ts'

/** `format` is what `--format` said: a table unless it names another form. */
export function renderVariables(root: MapNode, format: string): string {
  const variables = variablesOf(root)
  if (format === 'json') return renderJson(variables)
  return format === 'yaml' ? renderYaml(variables) : renderTable([HEADER, ...variables.map(row)], { leastWidth: 20 })
}

const HEADER = ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE']

const row = ({ name, required, fallback, alternate }: Mention): readonly string[] => [
  name,
  String(required),
  fallback,
  alternate,
]

const record = (
  { name, required, fallback, alternate }: Mention,
  key: (name: string) => string,
): ReadonlyMap<string, Printed> =>
  new Map<string, Printed>([
    [key('Name'), name],
    [key('DefaultValue'), fallback],
    [key('PresenceValue'), alternate],
    [key('Required'), required],
  ])

/** Four spaces, no escapes for HTML, and an empty line behind it. */
function renderJson(variables: readonly Mention[]): string {
  const members = variables.map((one) => {
    const value = JSON.stringify(Object.fromEntries(record(one, (key) => key)), null, 4)
    return `    ${JSON.stringify(one.name)}: ${value.replaceAll('\n', '\n    ')}`
  })
  return members.length === 0 ? '{}\n\n' : `{\n${members.join(',\n')}\n}\n\n`
}

/** Indented by four, as Docker Compose does only here. */
function renderYaml(variables: readonly Mention[]): string {
  const records = variables.map((one) => [one.name, record(one, (key) => key.toLowerCase())] as const)
  return emitYaml(new Map(records)).replace(/^ +/gm, '$&$&')
}
