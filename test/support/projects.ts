/** Projects written as literals, in the canonical form that loading a file gives. */
import type { Project, Service } from '../../src/model/project.ts'

export type Written = Partial<Pick<Project, 'networks' | 'volumes' | 'configs' | 'secrets' | 'disabledServices'>> & {
  readonly services: Readonly<Record<string, Partial<Service>>>
}

/** Named `app`; a service without image, networks or mode gets `busybox` and the default network, as a file would give it. */
export function projectOf(written: Written): Project {
  const services = Object.fromEntries(
    Object.entries(written.services).map(([name, service]) => [name, complete(service)]),
  )
  return {
    name: 'app',
    workingDir: '/home/dev',
    configFiles: ['/home/dev/compose.yaml'],
    environmentFiles: [],
    environment: {},
    profiles: [],
    services,
    disabledServices: written.disabledServices ?? {},
    networks: { default: { name: 'app_default' }, ...written.networks },
    volumes: written.volumes ?? {},
    configs: written.configs ?? {},
    secrets: written.secrets ?? {},
    models: {},
    extensions: {},
    locate: (path) =>
      path[0] === 'services' && path.length > 2 ? { file: 'compose.yaml', line: 3, column: 5 } : undefined,
  }
}

function complete(service: Partial<Service>): Service {
  const network =
    service.network_mode === undefined && service.networks === undefined ? { networks: { default: null } } : {}
  return { image: 'busybox', ...network, ...service }
}

/** The same project with only these services; the others are known by name. */
export function only(project: Project, names: readonly string[]): Project {
  const isMeant = ([name]: [string, Service]): boolean => names.includes(name)
  const entries = Object.entries(project.services)
  return {
    ...project,
    services: Object.fromEntries(entries.filter(isMeant)),
    disabledServices: {
      ...project.disabledServices,
      ...Object.fromEntries(entries.filter((entry) => !isMeant(entry))),
    },
  }
}
