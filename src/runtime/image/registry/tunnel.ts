/** Connections that go through a proxy: it is asked to connect us with the other side, and TLS is spoken through it. */
import { type ClientRequestArgs, request as plainRequest } from 'node:http'
import { type AgentOptions, Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { proxyAuthorization } from './proxy.ts'

type Done = (error: Error | null, connection: Duplex) => void

/** An agent for HTTPS over one proxy. */
export function tunnelAgent(proxy: URL, options: AgentOptions): TlsAgent {
  class TunnelAgent extends TlsAgent {
    override createConnection(target: ClientRequestArgs, done?: Done): undefined {
      const fail = (error: Error): void => done?.(error, undefined as never)
      openTunnel(proxy, `${target.host}:${target.port}`).then((socket) => {
        const secure = connectTls({ ...(target as ConnectionOptions), socket: socket as never })
        done?.(null, secure)
      }, fail)
      return undefined
    }
  }
  return new TunnelAgent(options)
}

function openTunnel(proxy: URL, authority: string): Promise<Duplex> {
  const authorization = proxyAuthorization(proxy)
  const headers = { host: authority, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) }
  const start = proxy.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const { hostname, port, protocol } = proxy
    const address = { hostname: hostname.replace(/^\[|\]$/g, ''), port: port || (protocol === 'https:' ? 443 : 80) }
    const request = start({ ...address, method: 'CONNECT', path: authority, headers, agent: false })
    request.on('error', reject)
    request.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(Object.assign(new Error(`the proxy "${proxy.host}" answers with status ${statusCode}`), { code: '' }))
    })
    request.on('response', (response) => {
      response.destroy()
      reject(new Error(`the proxy "${proxy.host}" answers with status ${response.statusCode}`))
    })
    request.end()
  })
}
