/** From a registry's name to where it is asked. Pure. */
import { DriverError } from '../../../driver/driver.ts'
import { HUB } from '../reference.ts'

/** The Hub's programs are somewhere else than its name says. */
const HUB_ADDRESS = 'registry-1.docker.io'

/** The addresses to try, in this order. Plain HTTP is only spoken to this machine itself, as Docker does. */
export function addressesOf(registry: string): readonly URL[] {
  if (registry === HUB) return [new URL(`https://${HUB_ADDRESS}`)]
  if (!URL.canParse(`https://${registry}`))
    throw new DriverError('refused', `"${registry}" can't be the address of a registry`)
  const secure = new URL(`https://${registry}`)
  return isLoopback(secure) ? [secure, new URL(`http://${registry}`)] : [secure]
}

/** Whoever listens there is on this machine: neither encryption nor a certificate would add anything. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
