/** IPv4 subnets as numbers, and the choice of a free one from Docker's default pools. Pure. */

/** `first` is the network address; `bits` is the length of the prefix. */
export interface Subnet {
  readonly first: number
  readonly bits: number
}

/** Undefined when the text is no IPv4 address. */
export function readAddress(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** Undefined when the text is no IPv4 subnet; bits below the prefix are dropped. */
export function readSubnet(text: string): Subnet | undefined {
  const [, address = '', prefix] = /^([^/]+)\/(\d{1,2})$/.exec(text) ?? []
  const number = readAddress(address)
  const bits = Number(prefix)
  if (number === undefined || bits > 32) return undefined
  return { first: number - (number % sizeOf(bits)), bits }
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

export function formatSubnet({ first, bits }: Subnet): string {
  return `${formatAddress(first)}/${bits}`
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.first && address < subnet.first + sizeOf(subnet.bits)
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return contains(a, b.first) || contains(b, a.first)
}

/** Whether the address can belong to a host: neither the first of the subnet nor the last. */
export function isHostAddress(subnet: Subnet, address: number): boolean {
  return contains(subnet, address) && address !== subnet.first && address !== subnet.first + sizeOf(subnet.bits) - 1
}

/** The first subnet of the pools that touches none of those in use. */
export function freeSubnet(used: readonly Subnet[]): Subnet | undefined {
  for (const { base, bits } of pools()) {
    for (let first = base.first; first < base.first + sizeOf(base.bits); first += sizeOf(bits)) {
      const candidate = { first, bits }
      if (!used.some((one) => overlap(one, candidate))) return candidate
    }
  }
  return undefined
}

/**
 * Docker's pools in Docker's order, then a part of 10.0.0.0/8 that few offices use: Docker's thirty networks are soon gone.
 * 172.17.0.0/16 is left to a Docker that may be installed later.
 */
const pools = (): readonly { readonly base: Subnet; readonly bits: number }[] => [
  ...Array.from({ length: 14 }, (_, index) => pool(`172.${18 + index}.0.0/16`, 16)),
  pool('192.168.0.0/16', 20),
  pool('10.192.0.0/10', 24),
]

function pool(text: string, bits: number): { readonly base: Subnet; readonly bits: number } {
  const base = readSubnet(text)
  if (base === undefined) throw new Error(`"${text}" is not a subnet; please report`)
  return { base, bits }
}

function sizeOf(bits: number): number {
  return 2 ** (32 - bits)
}
