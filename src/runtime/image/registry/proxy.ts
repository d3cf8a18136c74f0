/** Through which proxy an address is reached: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case, as Go reads them. Pure. */
import { DriverError } from '../../../driver/driver.ts'
import { hostSet } from './host-set.ts'
import { isLoopback } from './hosts.ts'

/** Undefined for what is reached directly. */
export type FindProxy = (url: URL) => URL | undefined

export function proxiesOf(env: NodeJS.ProcessEnv): FindProxy {
  const word = (name: string): string => env[name] || env[name.toLowerCase()] || ''
  const [plain, secure] = [word('HTTP_PROXY'), word('HTTPS_PROXY')]
  const direct = hostSet(word('NO_PROXY').split(','))
  return (url) => {
    const written = url.protocol === 'http:' ? plain : secure
    if (written === '' || isLoopback(url) || direct.has(url, 'with-subdomains')) return undefined
    return proxyAt(written)
  }
}

function proxyAt(written: string): URL {
  const text = /^[a-z0-9]+:\/\//i.test(written) ? written : `http://${written}`
  const proxy = URL.canParse(text) ? new URL(text) : undefined
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return proxy
  throw new DriverError('refused', `"${hidden(written)}" is no proxy that can be used`, {
    hint: 'write HTTP_PROXY and HTTPS_PROXY as http://HOST:PORT',
  })
}

/** Without its password. */
const hidden = (written: string): string => written.replace(/\/\/[^@/]*@/, '//')

export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === '') return undefined
  const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(both).toString('base64')}`
}
