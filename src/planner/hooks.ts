/** What a service wants run in its containers once they have started, and before they are stopped. */
import type { Location } from '../diagnostic.ts'
import type { ExecSpec } from '../driver/driver.ts'
import type { Hook, Project } from '../model/project.ts'
import { placeOf } from './place.ts'

export type HookKind = 'post_start' | 'pre_stop'

/** One program, as the driver takes it. */
export interface HookRun {
  readonly kind: HookKind
  readonly spec: ExecSpec
  /** Where it was written. */
  readonly at?: Location
}

/** Those of each service; a project that is known by its name alone has none. */
export type Hooks = (serviceName: string | undefined, kind: HookKind) => readonly HookRun[]

export function hooksOf(project: Project | string | undefined): Hooks {
  return (serviceName, kind) => {
    if (typeof project !== 'object' || serviceName === undefined) return []
    const hooks = project.services[serviceName]?.[kind] ?? []
    return hooks.map((hook, index) => ({
      kind,
      spec: toExec(hook),
      ...placeOf(project, ['services', serviceName, kind, index]),
    }))
  }
}

function toExec({ command, environment, user, working_dir: workingDir, privileged }: Hook): ExecSpec {
  return {
    argv: command ?? [],
    environment: toVariables(environment),
    ...(user && { user }),
    ...(workingDir && { workingDir }),
    tty: false,
    stdin: false,
    privileged: privileged ?? false,
    detach: false,
  }
}

/** `null` is a variable that is set nowhere. */
export function toVariables(environment: Hook['environment'] = {}): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))
}
