/** The variables that went into a value, with where each of them comes from. */
import type { FileValue } from '../dotenv.ts'
import { fileValuesAt } from '../file-values.ts'
import { nodeAt } from '../locate.ts'
import type { Path } from '../project.ts'
import { locationOf } from '../tree/source.ts'
import { sourceOf, type UsedVariable, type VariableSource } from '../tree/used-variable.ts'
import type { ExplainedVariable } from './explained.ts'
import type { Subject } from './subject.ts'

export function usedAt(subject: Subject, path: Path): readonly UsedVariable[] {
  const node = nodeAt(subject.root, path)
  if (node) return node.kind === 'scalar' ? (node.used ?? []) : []
  const line = fileValuesAt(subject.fileValues, path).at(-1)
  if (!line) return []
  const { name, value, inherited } = line
  if (inherited) return [{ name, value, from: sourceOfName(name, { subject, path, line }), template: name }]
  return line.used.map(({ how, ...variable }) => ({
    ...variable,
    from: how === 'value' ? sourceOfName(variable.name, { subject, path, line }) : { kind: how },
  }))
}

interface InFile {
  readonly subject: Subject
  readonly path: Path
  readonly line: FileValue
}

/** In an env file the project's variables come first, then the service's own, then those of lines before. */
function sourceOfName(name: string, { subject, path, line }: InFile): VariableSource {
  const { project, root, sources, fileValues } = subject
  if (Object.hasOwn(project.environment, name)) return sourceOf(name, sources)
  const sibling = [...path.slice(0, -1), name]
  const lines = fileValuesAt(fileValues, sibling)
  const isAbove = ({ at }: FileValue): boolean => at.source === line.at.source && at.start < line.at.start
  return { kind: 'file', at: nodeAt(root, sibling)?.at ?? (lines.findLast(isAbove) ?? lines[0])?.at }
}

/** Only the name was written: the value is the variable's, as it is. */
export const isPassedOn = ({ name, template }: UsedVariable): boolean => name === template

export function explainVariables(
  used: readonly UsedVariable[],
  secret: ReadonlySet<string>,
): readonly ExplainedVariable[] {
  const contents = used.filter(({ name, value }) => secret.has(name) && value !== '').map(({ value }) => value)
  return used.map(({ name, value, from, template }) => {
    // A default may hold the content that another variable gave it.
    const isShown = !secret.has(name) && !contents.some((content) => value.includes(content))
    const at = from.kind === 'file' ? locationOf(from.at) : undefined
    return { name, ...(isShown && { value }), from: from.kind, template, ...(at && { at }) }
  })
}
