/**
 * Remembers what configs and secrets contained that are no files of the host: a container has a copy of these, which is out of date once
 * the model has another text. Labels are shown, so there are digests only.
 */
import type { Labels } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import { shortDigest } from './short-digest.ts'

/** Ours, beside Docker Compose's: `configs/motd=1f0c9a2b`. */
const CONTENTS_LABEL = 'tscompose.contents'

const KINDS = ['configs', 'secrets'] as const
type Kind = (typeof KINDS)[number]

/** Nothing for a service that uses none. */
export function contentLabels(project: Project, service: Service): Labels {
  const digests = digestsOf(project, service)
  const text = [...digests].map(([path, digest]) => `${path}=${digest}`).join(';')
  return text === '' ? {} : { [CONTENTS_LABEL]: text }
}

/** The first whose content is not what the container was given; undefined too where nobody remembers: Docker Compose made it. */
export function changedContent(
  labels: Labels,
  project: Project,
  service: Service,
): { readonly kind: Kind; readonly name: string } | undefined {
  const label = labels[CONTENTS_LABEL]
  if (label === undefined) return undefined
  const before = new Map(label.split(';').map((part) => part.split('=') as [string, string]))
  const found = [...digestsOf(project, service)].find(([path, digest]) => before.get(path) !== digest)
  if (found === undefined) return undefined
  const [kind = '', name = ''] = found[0].split('/')
  return { kind: kind as Kind, name: decodeURIComponent(name) }
}

function digestsOf(project: Project, service: Service): ReadonlyMap<string, string> {
  const entries = KINDS.flatMap((kind) =>
    (service[kind] ?? []).flatMap(({ source }) => {
      const { content } = project[kind][source] ?? {}
      return content === undefined ? [] : [[`${kind}/${encodeURIComponent(source)}`, shortDigest(content)] as const]
    }),
  )
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}
