/** How large a project has become, and the refusal of one that grows without end through aliases, extends, includes and variables. */
import { type Finding, type Findings, fail } from './findings.ts'
import { MOST_CHARACTERS, MOST_DOCUMENTS, MOST_VALUES } from './limits.ts'
import { elementsOf } from './touched.ts'
import { child, type Entry, type MapNode, type Node, type Origin } from './tree/node.ts'

/** What something adds to it. */
export interface Size {
  readonly values: number
  readonly characters: number
}

/** Add to the project's extent; `at` is what makes it grow. */
export function grow(
  { extent }: Findings,
  { values = 0, characters = 0 }: Partial<Size>,
  at?: Origin | undefined,
): void {
  extent.values += values
  extent.characters += characters
  refuse(extent, at)
}

function refuse({ values, characters }: Size, at: Origin | undefined): void {
  if (values > MOST_VALUES) fail(tooBig(`more than ${MOST_VALUES} values`, at))
  if (characters > MOST_CHARACTERS) fail(tooBig(`texts of more than ${MOST_CHARACTERS / 2 ** 20} MB`, at))
}

/** A variable is kept with its place, and stands in maps of its own. */
export const growByVariable = (findings: Findings, name: string, value: string, at: Origin): void =>
  grow(findings, { values: VALUES_OF_A_VARIABLE, characters: name.length + value.length }, at)

const VALUES_OF_A_VARIABLE = 6

/** What is made for each service besides what the file says of it. */
const VALUES_OF_A_SERVICE = 20
/** So many elements that stand there already are copied in the time of one value. */
const ELEMENTS_COPIED = 20

/** Count a document that is laid over `below`, each time it is. */
export function growByDocument(
  findings: Findings,
  { root, size }: { readonly root: Node; readonly size: Size },
  { below, at }: { readonly below: MapNode; readonly at: Origin | undefined },
): void {
  const services = child(root, 'services')
  const made = services?.kind === 'map' ? services.entries.size * VALUES_OF_A_SERVICE : 0
  const copied = Math.floor(elementsOf(below) / ELEMENTS_COPIED)
  grow(findings, { values: size.values + made + copied, characters: size.characters }, at)
  if (++findings.extent.documents > MOST_DOCUMENTS) fail(tooBig(`more than ${MOST_DOCUMENTS} documents`, at))
}

const tooBig = (what: string, at: Origin | undefined): Finding => ({
  code: 'project-too-big',
  message: `with everything written out this project has ${what}`,
  hint: 'look for a value, a file or a service that is repeated again and again by aliases, include, extends or variables',
  at,
})

/** Refuse a model that is too large now that all defaults and variables are in it; nothing in it was copied yet. */
export function checkExtent(root: MapNode): void {
  const total = { values: 0, characters: 0 }
  for (const { key, value } of root.entries.values())
    for (const part of value.kind === 'map' ? value.entries.values() : [{ key, value }]) {
      const { values, characters } = sizeOf(part.value)
      total.values += values
      total.characters += characters
      refuse(total, part.key ?? part.value.at)
    }
}

/** What a node holds, each part as often as it stands there. */
export function sizeOf(node: Node): Size {
  let [values, characters] = [0, 0]
  const count = (one: Node): void => {
    values++
    if (one.kind === 'scalar') characters += typeof one.value === 'string' ? one.value.length : 0
    else if (one.kind === 'list') one.items.forEach(count)
    else one.entries.forEach(countEntry)
  }
  const countEntry = ({ value }: Entry): void => count(value)
  count(node)
  return { values, characters }
}
