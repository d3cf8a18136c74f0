/** One container as `ps` shows it: the fields of Docker Compose's own formatter, under its names. */
import { LABEL, type ObservedContainer, type ObservedPort } from '../driver/driver.ts'
import { goTime, humanDuration } from './human-time.ts'
import { compareText, renderPorts } from './ports.ts'

/** Keys and their order are those of `docker compose ps --format json`. */
export interface ContainerSummary {
  readonly Command: string
  readonly CreatedAt: string
  readonly ExitCode: number
  readonly Health: string
  readonly ID: string
  readonly Image: string
  readonly Labels: string
  readonly LocalVolumes: string
  readonly Mounts: string
  readonly Name: string
  readonly Names: string
  readonly Networks: string
  readonly Ports: string
  readonly Project: string
  readonly Publishers: readonly Publisher[]
  readonly RunningFor: string
  readonly Service: string
  readonly Size: string
  readonly State: string
  readonly Status: string
}

export interface Publisher {
  readonly URL: string
  readonly TargetPort: number
  readonly PublishedPort: number
  readonly Protocol: string
}

export interface SummaryOptions {
  readonly truncate: boolean
  readonly nowMs: number
}

export function summarize(container: ObservedContainer, { truncate, nowMs }: SummaryOptions): ContainerSummary {
  const command = container.argv.map(quoteSpaced).join(' ')
  const mounts = container.mounts.map((mount) => mount.name ?? mount.source)
  const isOver = container.status === 'exited' || container.status === 'dead'
  return {
    Command: JSON.stringify(truncate ? ellipsis(command, 20) : command),
    CreatedAt: goTime(container.createdAtMs),
    ExitCode: isOver ? container.exitCode : 0,
    Health: container.status === 'running' ? (container.health ?? '') : '',
    ID: truncate ? container.containerId.slice(0, 12) : container.containerId,
    Image: container.image,
    Labels: Object.entries(container.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    LocalVolumes: `${container.mounts.filter((mount) => mount.kind === 'volume').length}`,
    Mounts: mounts.map((name) => (truncate ? ellipsis(name, 15) : name)).join(','),
    Name: container.containerName,
    Names: container.containerName,
    Networks: container.endpoints.map((endpoint) => endpoint.networkName).join(','),
    Ports: renderPorts(container.ports),
    Project: container.labels[LABEL.project] ?? '',
    Publishers: [...container.ports].sort(comparePublishers).map(publisher),
    RunningFor: `${humanDuration(nowMs - container.createdAtMs)} ago`,
    Service: container.labels[LABEL.service] ?? '',
    Size: '0B',
    State: container.status,
    Status: statusText(container, nowMs),
  }
}

/** Docker's sentence about a container's state: `Up 5 seconds (healthy)`, `Exited (0) 2 minutes ago`. */
export function statusText(container: ObservedContainer, nowMs: number): string {
  const since = (timeMs: number): string => humanDuration(nowMs - timeMs)
  switch (container.status) {
    case 'created':
      return 'Created'
    case 'dead':
      return 'Dead'
    case 'exited':
      return `Exited (${container.exitCode}) ${since(container.finishedAtMs)} ago${container.oomKilled ? ' (out of memory)' : ''}`
    case 'restarting':
      return `Restarting (${container.exitCode}) ${since(container.finishedAtMs)} ago`
    case 'paused':
      return `Up ${since(container.startedAtMs)} (Paused)`
    case 'running':
      return `Up ${since(container.startedAtMs)}${container.unresponsive ? ' (unresponsive)' : healthText(container.health)}`
  }
}

function healthText(health: ObservedContainer['health']): string {
  if (health === undefined) return ''
  return health === 'starting' ? ' (health: starting)' : ` (${health})`
}

function comparePublishers(a: ObservedPort, b: ObservedPort): number {
  return a.target - b.target || compareText(a.hostIp, b.hostIp) || a.published - b.published
}

function publisher({ hostIp, target, published, protocol }: ObservedPort): Publisher {
  return { URL: hostIp, TargetPort: target, PublishedPort: published, Protocol: protocol }
}

/** Docker's way to show where an argument ends. */
function quoteSpaced(argument: string): string {
  return argument.includes(' ') ? `'${argument}'` : argument
}

function ellipsis(text: string, length: number): string {
  const chars = [...text]
  return chars.length <= length ? text : `${chars.slice(0, length - 1).join('')}…`
}
