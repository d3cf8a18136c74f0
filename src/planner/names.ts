/** Docker Compose's names for what a service becomes. */
import type { Project, Service } from '../model/project.ts'

export function imageOf(project: Project, serviceName: string, service: Service): string {
  return service.image ?? `${project.name}-${serviceName}`
}

export function containerNameOf(project: Project, serviceName: string, number: number): string {
  return project.services[serviceName]?.container_name ?? `${project.name}-${serviceName}-${number}`
}

/** What a new container is called until the one it replaces is gone. */
export function temporaryNameOf(replacedId: string, containerName: string): string {
  return `${replacedId.slice(0, 12)}_${containerName}`
}

export function scaleOf(service: Service): number {
  return service.scale ?? service.deploy?.replicas ?? 1
}
