/** What an attached `up` says before it shows anything: whose output will be shown. Its starts it does not tell: their output does. */
import type { Plan } from '../planner/plan.ts'
import type { ProgressEvent } from '../planner/progress.ts'

/** Undefined when it is nobody's. */
export function attachingLine(plan: Plan, shown: ReadonlySet<string>): string | undefined {
  const running = plan.unchanged.filter((one) => one.running)
  const starting = plan.steps.flatMap((step) => (step.kind === 'start-container' ? [step] : []))
  const names = [...running, ...starting].flatMap(({ containerName, serviceName = '' }) =>
    shown.has(serviceName) ? [shortNameOf(containerName, `${plan.projectName}-`, serviceName)] : [],
  )
  return names.length === 0 ? undefined : `Attaching to ${[...new Set(names)].sort().join(', ')}\n`
}

/** A name of the user's own choice stays whole. */
export function shortNameOf(containerName: string, prefix: string, serviceName: string): string {
  return containerName.startsWith(`${prefix}${serviceName}-`) ? containerName.slice(prefix.length) : containerName
}

/** Where a container is published is worth a line. */
export function isTold({ resource, status, text, ports }: ProgressEvent): boolean {
  return ports !== undefined || status === 'error' || !(resource.startsWith('Container ') && OF_STARTS.has(text))
}

const OF_STARTS: ReadonlySet<string> = new Set(['Starting', 'Started', 'Waiting', 'Healthy', 'Exited'])
