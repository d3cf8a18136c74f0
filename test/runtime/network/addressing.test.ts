import { describe, expect, test } from 'vitest'
import type { NetworkSpec } from '../../../src/driver/driver.ts'
import { addressingOf, type UsedSubnet } from '../../../src/runtime/network/addressing.ts'
import {
  formatSubnet,
  freeSubnet,
  overlap,
  readAddress,
  readSubnet,
  type Subnet,
} from '../../../src/runtime/network/subnet.ts'

const subnet = (text: string): Subnet => readSubnet(text) ?? expect.fail(`"${text}" is a subnet`)
const used = (...texts: readonly string[]): UsedSubnet[] =>
  texts.map((text) => ({ subnet: subnet(text), owner: `network "${text}"` }))
const network = (ipam: NetworkSpec['ipam']): NetworkSpec => ({
  networkName: 'app_default',
  driver: 'bridge',
  driverOptions: {},
  internal: false,
  enableIpv6: false,
  ipam,
  labels: {},
})

describe('a network without a subnet', () => {
  test("gets the first of Docker's pools that nobody uses", () => {
    expect(addressingOf(network([]), used('172.18.0.0/16', '172.19.3.0/24'))).toEqual({
      subnet: '172.20.0.0/16',
      gateway: '172.20.0.1',
    })
  })
  test('finds a free one 250 times, and none touches another', () => {
    const taken: Subnet[] = [subnet('10.192.0.0/20')]
    for (let round = 0; round < 250; round += 1) {
      const next = freeSubnet(taken) ?? expect.fail(`round ${round} finds one`)
      expect(taken.some((one) => overlap(one, next))).toBe(false)
      taken.push(next)
    }
    expect(formatSubnet(taken.at(-1) as Subnet)).toBe('10.192.235.0/24')
  })
  test('is a clear error when everything is taken', () => {
    expect(() => addressingOf(network([]), used('0.0.0.0/1', '128.0.0.0/1'))).toThrow('no subnet is free any more')
  })
})

describe('a network with a subnet', () => {
  test('keeps subnet, gateway and range as they were asked for', () => {
    const ipam = [{ subnet: '10.5.0.0/16', gateway: '10.5.0.254', ipRange: '10.5.8.0/24' }]
    expect(addressingOf(network(ipam), [])).toEqual({
      subnet: '10.5.0.0/16',
      gateway: '10.5.0.254',
      ipRange: '10.5.8.0/24',
    })
  })
  test('is refused when another one overlaps, and the other is named', () => {
    expect(() => addressingOf(network([{ subnet: '10.5.0.0/16' }]), used('10.5.9.0/24'))).toThrow(
      'overlaps with network "10.5.9.0/24"',
    )
  })
  test.each([
    [{ subnet: '10.5.0.0/33' }, 'not an IPv4 subnet'],
    [{ subnet: '10.5.0.0/31' }, 'not an IPv4 subnet'],
    [{ subnet: '10.5.0.0/24', gateway: '10.6.0.1' }, 'gateway "10.6.0.1" is not an address of'],
    [{ subnet: '10.5.0.0/24', gateway: '10.5.0.255' }, 'gateway "10.5.0.255" is not an address of'],
    [{ subnet: '10.5.0.0/24', ipRange: '10.5.0.0/16' }, 'ip_range "10.5.0.0/16" does not lie within'],
  ])('with mistakes like %j is refused', (ipam, message) => {
    expect(() => addressingOf(network([ipam]), [])).toThrow(message)
  })
})

test.each(['1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', ''])('"%s" is not an address', (text) => {
  expect(readAddress(text)).toBeUndefined()
})
