/** `--no-deps`: the named services alone, as if nothing else were declared. */
import type { Project, Service } from '../model/project.ts'

export function withoutDependencies(project: Project, names: readonly string[]): Project {
  if (names.length === 0) return project
  const named = new Set(names)
  const entries = Object.entries(project.services)
  const kept = entries
    .filter(([name]) => named.has(name))
    .map(([name, service]) => [name, independent(service)] as const)
  const rest = entries.filter(([name]) => !named.has(name))
  return {
    ...project,
    services: Object.fromEntries(kept),
    disabledServices: { ...project.disabledServices, ...Object.fromEntries(rest) },
  }
}

function independent({ depends_on: _, ...service }: Service): Service {
  return service
}
