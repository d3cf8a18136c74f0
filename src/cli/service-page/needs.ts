/** What a service waits for, and whether it would have to. */
import type { ObservedContainer } from '../../driver/driver.ts'
import type { Project, Service } from '../../model/project.ts'
import { dependenciesOf, type ServiceDependency } from '../../planner/dependencies.ts'
import { replicasOf } from '../../planner/observed-containers.ts'
import { statusText } from '../../view/container-summary.ts'
import type { Need } from '../../view/service-page.ts'

export interface Seen {
  readonly containers: readonly ObservedContainer[]
  readonly nowMs: number
}

export function needsOf(project: Project, serviceName: string, { containers, nowMs }: Seen): readonly Need[] {
  return dependenciesOf(project.services[serviceName] as Service).map((need) => {
    const ones = replicasOf(need.serviceName, containers)
    const at =
      project.locate(['services', serviceName, 'depends_on', need.serviceName]) ??
      project.locate(['services', serviceName, 'depends_on'])
    return {
      service: need.serviceName,
      condition: CONDITIONS[need.condition],
      required: need.required,
      met: ones.length > 0 && ones.every((one) => isMet(need.condition, one)),
      state: ones.length === 0 ? 'it has no container' : ones.map((one) => statusText(one, nowMs)).join('; '),
      ...(at && { at }),
    }
  })
}

const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const

function isMet(condition: ServiceDependency['condition'], { status, health, exitCode }: ObservedContainer): boolean {
  switch (condition) {
    case 'service_started':
      return status === 'running'
    case 'service_healthy':
      return status === 'running' && health === 'healthy'
    case 'service_completed_successfully':
      return status === 'exited' && exitCode === 0
  }
}
