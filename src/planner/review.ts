/** Refuses what would leave a service without something it needs. What only has no effect is told by without-effect.ts. */
import type { Diagnostic, DiagnosticCode } from '../diagnostic.ts'
import type { FileObject, FileReference, Mount, Path, Port, Project, Service } from '../model/project.ts'
import { placeOf } from './place.ts'
import { reviewWords } from './review-words.ts'

export function reviewService(project: Project, serviceName: string, service: Service): readonly Diagnostic[] {
  const at = (...path: Path): Path => ['services', serviceName, ...path]
  return [
    ...reviewSource(project, serviceName, service),
    ...reviewWords(project, serviceName, service),
    ...(service.volumes ?? []).flatMap((mount, index) => reviewMount(project, mount, at('volumes', index))),
    ...(service.ports ?? []).flatMap((port, index) => reviewPort(project, port, at('ports', index))),
    ...reviewHostPorts(project, service, at('ports')),
    ...reviewFiles(project, service, at()),
  ]
}

interface Words {
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint: string
}

function reviewSource(project: Project, serviceName: string, service: Service): readonly Diagnostic[] {
  if (service.provider === undefined) return []
  const message = `service "${serviceName}" is run by a provider, which is not supported yet`
  const hint = 'leave the service out with profiles, or run an image in its place'
  return [error(project, ['services', serviceName, 'provider'], { code: 'unsupported', message, hint })]
}

const UNSUPPORTED_MOUNTS: ReadonlySet<Mount['type']> = new Set(['npipe', 'cluster', 'image'])

function reviewMount(project: Project, mount: Mount, path: Path): readonly Diagnostic[] {
  if (!UNSUPPORTED_MOUNTS.has(mount.type)) return []
  const message = `mount "${mount.target}" is of type "${mount.type}", which is not supported yet`
  return [error(project, path, { code: 'unsupported', message, hint: 'use bind, volume or tmpfs' })]
}

function reviewPort(project: Project, port: Port, path: Path): readonly Diagnostic[] {
  const { protocol = 'tcp', target } = port
  if (protocol === 'tcp' || protocol === 'udp') return []
  const message = `port "${target}" is of protocol "${protocol}", which is not supported yet`
  return [error(project, path, { code: 'unsupported', message, hint: 'use tcp or udp' })]
}

function reviewHostPorts(project: Project, service: Service, path: Path): readonly Diagnostic[] {
  if (service.network_mode !== 'host' || service.ports === undefined) return []
  const message = 'published ports are discarded when using host network mode'
  const hint = 'remove them: the program listens on the ports of the host itself'
  return [warning(project, path, { code: 'ports-discarded', message, hint })]
}

function reviewFiles(project: Project, service: Service, path: Path): readonly Diagnostic[] {
  return (['configs', 'secrets'] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap((use, index) =>
      reviewFile(project, { use, object: project[kind][use.source], kind: kind === 'configs' ? 'config' : 'secret' }, [
        ...path,
        kind,
        index,
      ]),
    ),
  )
}

interface FileUse {
  readonly use: FileReference
  readonly object: FileObject | undefined
  readonly kind: 'config' | 'secret'
}

function reviewFile(project: Project, { use, object, kind }: FileUse, path: Path): readonly Diagnostic[] {
  if (object?.external === true) {
    const message = `unsupported external ${kind} "${use.source}"`
    return [error(project, path, { code: 'unsupported', message, hint: `give it a "file:" or an "environment:"` })]
  }
  if (object?.file === undefined) {
    return object?.content === undefined ? [contentMissing(project, path, { use, object, kind })] : []
  }
  if (use.uid === undefined && use.gid === undefined && use.mode === undefined) return []
  const message = `"uid", "gid" and "mode" of ${kind} "${use.source}" have no effect: a file keeps its own`
  const hint = 'change the file itself, or give the content with "content:" or "environment:"'
  return [warning(project, path, { code: 'attribute-without-effect', message, hint })]
}

function contentMissing(project: Project, path: Path, { use, object, kind }: FileUse): Diagnostic {
  const variable = object?.environment
  const why = variable === undefined ? '' : `: environment variable "${variable}" is not set`
  const message = `${kind} "${use.source}" has no content${why}`
  const hint = variable === undefined ? 'give it a "file:"' : `set ${variable} in the environment or in .env`
  return error(project, path, { code: 'content-missing', message, hint })
}

const warning = (project: Project, path: Path, words: Words): Diagnostic => ({
  severity: 'warning',
  ...words,
  ...placeOf(project, path),
})

const error = (project: Project, path: Path, words: Words): Diagnostic => ({
  severity: 'error',
  ...words,
  ...placeOf(project, path),
})
