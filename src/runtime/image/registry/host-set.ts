/** Hosts by name, by name and port, by address, or by network (`10.0.0.0/8`). Pure. */
import { BlockList, isIP } from 'node:net'

export interface HostSet {
  /** `withSubdomains`: `example.com` stands for all below it as well, as in NO_PROXY. */
  readonly has: (url: URL, withSubdomains?: 'with-subdomains') => boolean
}

export function hostSet(written: readonly string[]): HostSet {
  const texts = written.map((one) => one.trim().toLowerCase()).filter((one) => one !== '')
  // Most sets have none, and the list takes a millisecond to load.
  let networks: BlockList | undefined
  for (const text of texts) {
    const [address = '', bits, ...more] = text.split('/')
    const family = isIP(address)
    const prefix = Number(bits)
    if (more.length > 0 || family === 0 || !/^\d+$/.test(bits ?? '') || prefix > (family === 4 ? 32 : 128)) continue
    networks ??= new BlockList()
    networks.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
  return {
    has: (url, withSubdomains) => {
      const name = url.hostname.replace(/^\[|\]$/g, '')
      const family = isIP(name)
      if (family !== 0 && networks?.check(name, family === 4 ? 'ipv4' : 'ipv6')) return true
      return texts.some((text) => names(text, { url, name, withSubdomains: withSubdomains !== undefined }))
    },
  }
}

interface Host {
  readonly url: URL
  readonly name: string
  readonly withSubdomains: boolean
}

function names(text: string, { url, name, withSubdomains }: Host): boolean {
  if (text === name || text === url.host || text === `${url.hostname}:${portOf(url)}`) return true
  if (!withSubdomains) return false
  if (text === '*') return true
  const [domain = '', port] = text.split(':')
  const bare = domain.replace(/^\*?\./, '')
  const fitsPort = port === undefined || port === portOf(url)
  return fitsPort && bare !== '' && (name === bare || name.endsWith(`.${bare}`))
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'http:' ? '80' : '443')
}
