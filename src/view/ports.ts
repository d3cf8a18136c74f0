/** Published and exposed ports in one cell, as `docker ps` folds them: runs of the same port inside and outside become a range. */
import type { ObservedPort } from '../driver/driver.ts'

export function renderPorts(ports: readonly ObservedPort[]): string {
  const sorted = [...ports].sort(comparePorts)
  const isMapping = (port: ObservedPort): boolean => port.hostIp !== '' && port.published !== port.target
  return [
    ...renderRanges(sorted.filter((port) => !isMapping(port))),
    ...sorted.filter(isMapping).map(renderMapping),
  ].join(', ')
}

function comparePorts(a: ObservedPort, b: ObservedPort): number {
  return (
    a.target - b.target ||
    compareText(a.hostIp, b.hostIp) ||
    a.published - b.published ||
    compareText(a.protocol, b.protocol)
  )
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function renderMapping({ hostIp, published, target, protocol }: ObservedPort): string {
  return `${bracketed(hostIp)}:${published}->${target}/${protocol}`
}

interface PortRange {
  readonly hostIp: string
  readonly protocol: string
  readonly first: number
  last: number
}

/** The range that is still open for each address and protocol goes behind all closed ones. */
function renderRanges(sorted: readonly ObservedPort[]): readonly string[] {
  const closed: PortRange[] = []
  const open = new Map<string, PortRange>()
  for (const { hostIp, protocol, target } of sorted) {
    const key = `${hostIp}/${protocol}`
    const range = open.get(key)
    if (range && target === range.last + 1) range.last = target
    else {
      if (range) closed.push(range)
      open.set(key, { hostIp, protocol, first: target, last: target })
    }
  }
  return [...closed, ...open.values()].map(renderRange)
}

function renderRange({ hostIp, protocol, first, last }: PortRange): string {
  const range = first === last ? `${first}` : `${first}-${last}`
  return hostIp === '' ? `${range}/${protocol}` : `${bracketed(hostIp)}:${range}->${range}/${protocol}`
}

function bracketed(hostIp: string): string {
  return hostIp.includes(':') ? `[${hostIp}]` : hostIp
}
