/** Who needs whom: from the model where there is one, from the labels of what exists where there is none. */
import { LABEL, type ObservedContainer } from '../driver/driver.ts'
import type { Dependency, Project, Service } from '../model/project.ts'
import { isOneOff, serviceOf } from './observed-containers.ts'
import type { Graph } from './order.ts'

export interface ServiceDependency {
  readonly serviceName: string
  readonly condition: Dependency['condition']
  readonly required: boolean
  /** When the other one is exchanged, this one is stopped before and started again after. */
  readonly restart: boolean
}

export type Dependencies = ReadonlyMap<string, readonly ServiceDependency[]>

export function dependenciesOfProject(project: Project): Dependencies {
  return new Map(Object.entries(project.services).map(([name, service]) => [name, dependenciesOf(service)]))
}

/** What `depends_on` says, and the services that are meant by links, volumes and shared namespaces. */
export function dependenciesOf(service: Service): readonly ServiceDependency[] {
  const written = Object.entries(service.depends_on ?? {}).map(([serviceName, { condition, required, restart }]) => ({
    serviceName,
    condition,
    required,
    restart: restart ?? false,
  }))
  const known = new Set(written.map((one) => one.serviceName))
  const implied = [...new Set(impliedBy(service))]
    .filter((serviceName) => !known.has(serviceName))
    .map((serviceName) => ({ serviceName, condition: 'service_started' as const, required: true, restart: false }))
  return [...written, ...implied]
}

/** The services whose namespaces or volumes this one lives in: it can't outlive their containers. */
export function sharesWith(service: Service): readonly string[] {
  const namespaces = [service.network_mode, service.ipc, service.pid].flatMap((mode) => serviceIn(mode ?? ''))
  const volumes = (service.volumes_from ?? []).flatMap((source) =>
    source.startsWith('container:') ? [] : [source.split(':', 1)[0] as string],
  )
  return [...namespaces, ...volumes]
}

function impliedBy(service: Service): readonly string[] {
  return [...(service.links ?? []).map((link) => link.split(':', 1)[0] as string), ...sharesWith(service)]
}

/** `service:db` names a service, `host` and `container:x` don't. */
export function serviceIn(mode: string): readonly string[] {
  return mode.startsWith('service:') ? [mode.slice('service:'.length)] : []
}

export function dependenciesOfLabels(containers: readonly ObservedContainer[]): Dependencies {
  const dependencies = new Map<string, readonly ServiceDependency[]>()
  for (const container of containers) {
    const serviceName = serviceOf(container)
    if (serviceName === undefined || isOneOff(container)) continue
    dependencies.set(serviceName, readDependsOn(container.labels[LABEL.dependsOn] ?? ''))
  }
  return dependencies
}

/** The value of the depends_on label: `db:service_healthy:false,cache:service_started:true`. */
export function writeDependsOn(service: Service): string {
  return Object.entries(service.depends_on ?? {})
    .map(([name, { condition, restart }]) => `${name}:${condition}:${restart ?? false}`)
    .join(',')
}

/** Docker Compose wrote the name alone once; what can't be read counts as started. */
function readDependsOn(label: string): readonly ServiceDependency[] {
  return label
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [serviceName = '', condition = '', restart = ''] = part.split(':')
      return { serviceName, condition: readCondition(condition), required: true, restart: restart === 'true' }
    })
}

function readCondition(text: string): Dependency['condition'] {
  return text === 'service_healthy' || text === 'service_completed_successfully' ? text : 'service_started'
}

export function graphOf(dependencies: Dependencies): Graph {
  return new Map([...dependencies].map(([name, needs]) => [name, needs.map((need) => need.serviceName)]))
}
