/** Says what the plan can't give a service: refusals for what would leave it without something it needs, warnings for what has no effect. */
import type { Diagnostic } from '../diagnostic.ts'
import type { FileObject, FileReference, Mount, Path, Port, Project, Service } from '../model/project.ts'

/** Attributes that no field of `ContainerSpec` can hold yet. Those that Docker Compose ignores without a word are not listed. */
const WITHOUT_EFFECT = [
  'blkio_config',
  'cgroup',
  'cpu_count',
  'cpu_percent',
  'cpu_rt_period',
  'cpu_rt_runtime',
  'credential_spec',
  'device_cgroup_rules',
  'external_links',
  'gpus',
  'isolation',
  'mem_swappiness',
  'models',
  'oom_kill_disable',
  'post_start',
  'pre_start',
  'pre_stop',
  'storage_opt',
  'use_api_socket',
  'userns_mode',
] as const satisfies readonly (keyof Service)[]

export function reviewService(project: Project, serviceName: string, service: Service): readonly Diagnostic[] {
  const at = (...path: Path): Path => ['services', serviceName, ...path]
  return [
    ...WITHOUT_EFFECT.filter((key) => service[key] !== undefined).map((key) =>
      withoutEffect(project, serviceName, at(key)),
    ),
    ...reviewSource(project, serviceName, service),
    ...(service.volumes ?? []).flatMap((mount, index) => reviewMount(project, mount, at('volumes', index))),
    ...(service.ports ?? []).flatMap((port, index) => reviewPort(project, port, at('ports', index))),
    ...reviewHostPorts(project, service, at('ports')),
    ...Object.entries(service.networks ?? {}).flatMap(([key, attachment]) =>
      attachment?.link_local_ips === undefined
        ? []
        : [withoutEffect(project, serviceName, at('networks', key, 'link_local_ips'))],
    ),
    ...reviewFiles(project, service, at()),
  ]
}

function withoutEffect(project: Project, serviceName: string, path: Path): Diagnostic {
  const attribute = path.slice(2).join('.')
  return warning(
    project,
    path,
    'attribute-without-effect',
    `"${attribute}" of service "${serviceName}" has no effect yet`,
  )
}

function reviewSource(project: Project, serviceName: string, service: Service): readonly Diagnostic[] {
  const path = ['services', serviceName]
  if (service.provider !== undefined) {
    return [
      error(
        project,
        [...path, 'provider'],
        'unsupported',
        `service "${serviceName}" is run by a provider, which is not supported yet`,
      ),
    ]
  }
  return []
}

const UNSUPPORTED_MOUNTS: ReadonlySet<Mount['type']> = new Set(['npipe', 'cluster', 'image'])

function reviewMount(project: Project, mount: Mount, path: Path): readonly Diagnostic[] {
  if (!UNSUPPORTED_MOUNTS.has(mount.type)) return []
  return [
    error(
      project,
      path,
      'unsupported',
      `mount "${mount.target}" is of type "${mount.type}", which is not supported yet`,
    ),
  ]
}

function reviewPort(project: Project, port: Port, path: Path): readonly Diagnostic[] {
  const { protocol = 'tcp', target } = port
  if (protocol === 'tcp' || protocol === 'udp') return []
  return [
    error(project, path, 'unsupported', `port "${target}" is of protocol "${protocol}", which is not supported yet`),
  ]
}

function reviewHostPorts(project: Project, service: Service, path: Path): readonly Diagnostic[] {
  if (service.network_mode !== 'host' || service.ports === undefined) return []
  return [warning(project, path, 'ports-discarded', 'published ports are discarded when using host network mode')]
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
    return [error(project, path, 'unsupported', `unsupported external ${kind} "${use.source}"`)]
  }
  if (object?.file === undefined) {
    if (object?.content !== undefined) return []
    const variable =
      object?.environment === undefined ? '' : `: environment variable "${object.environment}" is not set`
    return [error(project, path, 'content-missing', `${kind} "${use.source}" has no content${variable}`)]
  }
  if (use.uid === undefined && use.gid === undefined && use.mode === undefined) return []
  return [
    warning(
      project,
      path,
      'attribute-without-effect',
      `"uid", "gid" and "mode" of ${kind} "${use.source}" have no effect: a file keeps its own`,
    ),
  ]
}

function warning(project: Project, path: Path, code: string, message: string): Diagnostic {
  return { severity: 'warning', code, message, ...placeOf(project, path) }
}

function error(project: Project, path: Path, code: string, message: string): Diagnostic {
  return { severity: 'error', code, message, ...placeOf(project, path) }
}

/** The place of the value, or of the nearest thing around it that was written down. */
export function placeOf(project: Project, path: Path): Pick<Diagnostic, 'at'> {
  for (let length = path.length; length > 0; length -= 1) {
    const at = project.locate(path.slice(0, length))
    if (at !== undefined) return { at }
  }
  return {}
}
