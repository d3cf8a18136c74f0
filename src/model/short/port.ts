/**
 * A port's short syntax: `[[IP:][HOST]:]CONTAINER[/PROTOCOL]`, ranges included.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#short-syntax-3
 */
export interface ShortPort {
  readonly hostIp: string
  readonly published: string
  readonly target: number
  readonly protocol: string
}

/** One entry for each port of the container; a text says what is wrong. */
export function parsePorts(spec: string): readonly ShortPort[] | string {
  const slash = spec.indexOf('/')
  const [ports, protocol] =
    slash < 0 ? [spec, 'tcp'] : [spec.slice(0, slash), spec.slice(slash + 1).toLowerCase() || 'tcp']
  if (!PROTOCOLS.has(protocol)) return `"${protocol}" is not a protocol: use tcp, udp or sctp`
  const parts = splitParts(ports)
  if (typeof parts === 'string') return parts
  if (parts.container === '') return 'no port specified'
  const container = parseRange(parts.container, 'container port')
  if (typeof container === 'string') return container
  if (container.from === 0) return 'a container has no port 0'
  const host = parts.host === '' ? undefined : parseRange(parts.host, 'host port')
  if (typeof host === 'string') return host
  return expandRanges(container, host, { hostIp: parts.ip, protocol })
}

const PROTOCOLS = new Set(['tcp', 'udp', 'sctp'])

interface Parts {
  readonly ip: string
  readonly host: string
  readonly container: string
}

function splitParts(ports: string): Parts | string {
  const colons = ports.split(':')
  const container = colons.pop() ?? ''
  const host = colons.pop() ?? ''
  const ip = colons.join(':')
  if (ip === '') return { ip, host, container }
  const bare = ip.startsWith('[') && ip.endsWith(']') ? ip.slice(1, -1) : ip
  if (ip === bare && ip.includes(':') && !isAddress(ip)) return `"${ip}" is not an IP address`
  return isAddress(bare) ? { ip: bare, host, container } : `"${ip}" is not an IP address`
}

interface Range {
  readonly from: number
  readonly to: number
}

function parseRange(text: string, what: string): Range | string {
  const [first = '', last = first, more] = text.split('-')
  const [from, to] = [parsePort(first), parsePort(last)]
  if (more !== undefined || from === undefined || to === undefined)
    return `"${text}" is not a ${what}: ports are 0 to 65535`
  return to < from ? `"${text}" is not a ${what}: the range runs backwards` : { from, to }
}

const parsePort = (text: string): number | undefined =>
  /^\d+$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined

const lengthOf = ({ from, to }: Range): number => to - from + 1

function expandRanges(
  container: Range,
  host: Range | undefined,
  rest: { hostIp: string; protocol: string },
): readonly ShortPort[] | string {
  const same = host && lengthOf(host) === lengthOf(container)
  // Several host ports for one of the container mean: one of these, whichever is free.
  if (host && !same && lengthOf(container) > 1)
    return `the ranges of container and host differ in length: ${lengthOf(container)} and ${lengthOf(host)} ports`
  const ports: ShortPort[] = []
  for (let offset = 0; offset < lengthOf(container); offset++) {
    const published = !host ? '' : same ? String(host.from + offset) : `${host.from}-${host.to}`
    ports.push({ ...rest, published, target: container.from + offset })
  }
  return ports.sort((a, b) => compareKeys(`${a.target}/${a.protocol}`, `${b.target}/${b.protocol}`))
}

/** Docker Compose sorts ports as text. */
const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** An IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  const octets = text.split('.')
  if (octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256))
    return true
  return text.includes(':') && isIpv6(text)
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  let groups = 0
  const sides = halves.map((half) => (half === '' ? [] : half.split(':')))
  for (const [index, side] of sides.entries()) {
    for (const [place, group] of side.entries()) {
      const last = index === sides.length - 1 && place === side.length - 1
      if (/^[\dA-Fa-f]{1,4}$/.test(group)) groups++
      else if (last && group.includes('.') && isAddress(group)) groups += 2
      else return false
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8
}
