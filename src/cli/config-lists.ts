/** The lists of `config`: one name for each line. */
import { serviceHash } from '../model/hash.ts'
import type { Project, Service } from '../model/project.ts'
import { matchesGlob } from '../model/select.ts'
import { noSuchService } from './no-such-service.ts'

export type ListKind = 'services' | 'volumes' | 'networks' | 'models' | 'profiles' | 'images' | 'environment'

export function listOf(kind: ListKind, project: Project): readonly string[] {
  switch (kind) {
    case 'services':
    case 'volumes':
    case 'networks':
      return Object.keys(project[kind]).sort()
    case 'models':
      return Object.values(project.models)
        .flatMap(({ model }) => model || [])
        .sort()
    case 'profiles':
      return profilesOf(project)
    case 'images':
      return Object.entries(project.services).flatMap(([name, service]) => imagesOf(project, name, service))
    case 'environment':
      return Object.entries(project.environment).map(([name, value]) => `${name}=${value}`)
  }
}

function profilesOf({ services, disabledServices }: Project): readonly string[] {
  const all = [...Object.values(services), ...Object.values(disabledServices)]
  return [...new Set(all.flatMap((service) => service.profiles ?? []))].sort()
}

/** An image that is built without a name is called after its project and service. Hooks may run in another one. */
function imagesOf(project: Project, serviceName: string, service: Service): readonly string[] {
  const own = service.image ?? `${project.name}-${serviceName}`
  return [own, ...(service.pre_start ?? []).flatMap(({ image }) => (image && image !== own ? image : []))]
}

/** `--hash`: the services of a comma list, which may have wildcards, or all for `*`. */
export function hashesOf(wish: string, project: Project): readonly string[] {
  const known = Object.keys(project.services)
  const named = wish.split(',').flatMap((pattern) => {
    const found = known.filter((name) => matchesGlob(name, pattern))
    return found.length > 0 || wish === '*' ? found : refuseUnknown(pattern, project)
  })
  return [...new Set(named)].sort().map((name) => `${name} ${serviceHash(project.services[name] as Service)}`)
}

function refuseUnknown(name: string, { services, disabledServices }: Project): never {
  const profiles = disabledServices[name]?.profiles
  throw noSuchService(
    name,
    Object.keys(services),
    profiles && `its profile is not active: add --profile ${profiles[0]}`,
  )
}
