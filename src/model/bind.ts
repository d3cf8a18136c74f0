/** The assembled model to a Project: every element decoded to the frozen data of project.ts. */
import { decodeStruct, deepFreeze, SECRET_VALUE } from './decode.ts'
import type { Findings } from './findings.ts'
import { locate } from './locate.ts'
import type { Project } from './project.ts'
import type { Settings } from './settings.ts'
import { FILE_OBJECT, MODEL, NETWORK, SERVICE, type Shape, VOLUME } from './shape.ts'
import { child, type MapNode, text } from './tree/node.ts'
import { toPlain } from './tree/plain.ts'

export function bindProject(
  root: MapNode,
  name: string,
  { settings, findings }: { settings: Settings; findings: Findings },
): Project {
  const section = <Element>(key: string, shape: Shape): Record<string, Element> =>
    decodeSection(root, key, { shape, findings })
  return {
    name,
    workingDir: settings.directory,
    configFiles: Object.freeze([...settings.files]),
    environmentFiles: Object.freeze([...settings.envFiles]),
    environment: Object.freeze(Object.fromEntries(settings.variables)),
    profiles: settings.profiles,
    services: section('services', SERVICE),
    disabledServices: Object.freeze({}),
    networks: withNames(section('networks', NETWORK)),
    volumes: withNames(section('volumes', VOLUME)),
    configs: withNames(section('configs', FILE_OBJECT)),
    secrets: withContents(root, withNames(section('secrets', FILE_OBJECT))),
    models: section('models', MODEL),
    extensions: extensionsOf(root),
    locate: (path) => locate(root, path),
  }
}

function decodeSection<Element>(
  root: MapNode,
  key: string,
  { shape, findings }: { shape: Shape; findings: Findings },
): Record<string, Element> {
  const result: Record<string, Element> = Object.create(null)
  const elements = child(root, key)
  if (elements?.kind === 'map')
    for (const [name, { value }] of elements.entries) result[name] = decodeStruct(value, shape, findings) as Element
  return Object.freeze(result)
}

/** What was written with an empty name has one all the same, so that nobody need ask whether there is one. It is not printed. */
function withNames<Element extends { readonly name: string }>(
  elements: Record<string, Element>,
): Record<string, Element> {
  const result: Record<string, Element> = Object.create(null)
  for (const [key, element] of Object.entries(elements))
    result[key] = element.name === undefined ? Object.freeze({ ...element, name: '' }) : element
  return Object.freeze(result)
}

/** Secrets that come from the environment carry their content, though it is never printed. */
function withContents(root: MapNode, secrets: Project['secrets']): Project['secrets'] {
  const result: Record<string, Project['secrets'][string]> = Object.create(null)
  for (const [name, secret] of Object.entries(secrets)) {
    const content = text(child(child(child(root, 'secrets'), name), SECRET_VALUE))
    result[name] = content === undefined ? secret : Object.freeze({ ...secret, content })
  }
  return Object.freeze(result)
}

function extensionsOf(root: MapNode): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, { value }] of root.entries) if (key.startsWith('x-')) result[key] = deepFreeze(toPlain(value))
  return Object.freeze(result)
}
