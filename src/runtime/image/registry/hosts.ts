/** From a registry's name to where it is asked. Pure. */
import { DriverError } from '../../../driver/driver.ts'
import { HUB } from '../reference.ts'
import type { HostSet } from './host-set.ts'
import type { RegistrySettings } from './settings.ts'

/** The Hub's programs are somewhere else than its name says. */
const HUB_ADDRESS = 'registry-1.docker.io'

/** One place where a registry's content can be had. */
export interface Endpoint {
  /** Whom credentials are for. */
  readonly name: string
  /** To be tried in this order. */
  readonly addresses: readonly URL[]
}

/** Mirrors of the Hub, which are asked before it. */
export function mirrorsOf(registry: string, { mirrors }: RegistrySettings): readonly Endpoint[] {
  return registry === HUB ? mirrors.map((url) => ({ name: url.host, addresses: [url] })) : []
}

export function registryItself(registry: string, { insecure }: RegistrySettings): Endpoint {
  return { name: registry, addresses: addressesOf(registry, insecure) }
}

/** Plain HTTP is only spoken to this machine itself, as Docker does, and where the user says so. */
function addressesOf(registry: string, insecure: HostSet): readonly URL[] {
  if (registry === HUB) return [new URL(`https://${HUB_ADDRESS}`)]
  if (!URL.canParse(`https://${registry}`))
    throw new DriverError('refused', `"${registry}" can't be the address of a registry`)
  const secure = new URL(`https://${registry}`)
  const plain = new URL(`http://${registry}`)
  // To this machine itself TLS adds nothing but its time; elsewhere it is used where there is a choice.
  if (isLoopback(secure)) return [plain, secure]
  return insecure.has(secure) ? [secure, plain] : [secure]
}

/** Whoever listens there is on this machine: neither encryption nor a certificate would add anything. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
