/** Which subnet, gateway and range a new network gets: what the user asked for, or a free subnet. Pure. */
import { DriverError, type NetworkSpec } from '../../driver/driver.ts'
import {
  contains,
  formatAddress,
  formatSubnet,
  freeSubnet,
  isHostAddress,
  overlap,
  readAddress,
  readSubnet,
  type Subnet,
} from './subnet.ts'

export interface Addressing {
  readonly subnet: string
  readonly gateway: string
  readonly ipRange?: string
}

/** A subnet with its owner, for the message. */
export interface UsedSubnet {
  readonly subnet: Subnet
  readonly owner: string
}

/** Two host addresses at least: the gateway's and one container's. */
const LONGEST_PREFIX = 30

export function addressingOf(spec: NetworkSpec, used: readonly UsedSubnet[]): Addressing {
  const asked = spec.ipam[0] ?? {}
  const subnet = asked.subnet === undefined ? chosenSubnet(used) : askedSubnet(spec, asked.subnet, used)
  const gateway = asked.gateway === undefined ? subnet.first + 1 : hostAddress(spec, asked.gateway, subnet)
  const range = asked.ipRange === undefined ? undefined : askedRange(spec, asked.ipRange, subnet)
  return {
    subnet: formatSubnet(subnet),
    gateway: formatAddress(gateway),
    ...(range === undefined ? {} : { ipRange: formatSubnet(range) }),
  }
}

function chosenSubnet(used: readonly UsedSubnet[]): Subnet {
  const subnet = freeSubnet(used.map((one) => one.subnet))
  if (subnet !== undefined) return subnet
  throw new DriverError('pools-exhausted', `no subnet is free any more: ${used.length} are in use`, {
    hint: 'remove networks that are no longer needed, or set "ipam: config: subnet" yourself',
  })
}

function askedSubnet(spec: NetworkSpec, text: string, used: readonly UsedSubnet[]): Subnet {
  const subnet = readSubnet(text)
  if (subnet === undefined || subnet.bits > LONGEST_PREFIX || subnet.bits === 0) {
    throw refusal(spec, `"${text}" is not an IPv4 subnet with room for containers`)
  }
  const holder = used.find((one) => overlap(one.subnet, subnet))
  if (holder === undefined) return subnet
  throw new DriverError(
    'address-taken',
    `network "${spec.networkName}": subnet "${text}" overlaps with ${holder.owner}`,
    {
      hint: 'choose another subnet, or leave it out',
    },
  )
}

function hostAddress(spec: NetworkSpec, text: string, subnet: Subnet): number {
  const address = readAddress(text)
  if (address !== undefined && isHostAddress(subnet, address)) return address
  throw refusal(spec, `gateway "${text}" is not an address of subnet "${formatSubnet(subnet)}"`)
}

function askedRange(spec: NetworkSpec, text: string, subnet: Subnet): Subnet {
  const range = readSubnet(text)
  if (range !== undefined && range.bits >= subnet.bits && contains(subnet, range.first)) return range
  throw refusal(spec, `ip_range "${text}" does not lie within subnet "${formatSubnet(subnet)}"`)
}

function refusal(spec: NetworkSpec, problem: string): DriverError {
  return new DriverError('refused', `network "${spec.networkName}": ${problem}`)
}
