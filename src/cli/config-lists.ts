/** The lists of `config`: one name for each line. */
import { serviceHash } from '../model/hash.ts'
import type { Project, Service } from '../model/project.ts'
import { Refusal } from './failure.ts'

export type ListKind = 'services' | 'volumes' | 'networks' | 'models' | 'profiles' | 'images' | 'environment'

export function listOf(kind: ListKind, project: Project): readonly string[] {
  switch (kind) {
    case 'services':
    case 'volumes':
    case 'networks':
    case 'models':
      return Object.keys(project[kind]).sort()
    case 'profiles':
      return profilesOf(project)
    case 'images':
      return Object.entries(project.services).map(([name, service]) => imageOf(project, name, service))
    case 'environment':
      return Object.entries(project.environment).map(([name, value]) => `${name}=${value}`)
  }
}

function profilesOf({ services, disabledServices }: Project): readonly string[] {
  const all = [...Object.values(services), ...Object.values(disabledServices)]
  return [...new Set(all.flatMap((service) => service.profiles ?? []))].sort()
}

/** An image that is built without a name is called after its project and service. */
function imageOf(project: Project, serviceName: string, service: Service): string {
  return service.image ?? `${project.name}-${serviceName}`
}

/** `--hash`: the services of a comma list, or all for `*`. */
export function hashesOf(wish: string, project: Project): readonly string[] {
  const names = wish === '*' ? Object.keys(project.services).sort() : wish.split(',').sort()
  return names.map((name) => {
    const service = project.services[name]
    if (!service) throw new Refusal(`no such service: ${name}`, `there are ${Object.keys(project.services).join(', ')}`)
    return `${name} ${serviceHash(service)}`
  })
}
