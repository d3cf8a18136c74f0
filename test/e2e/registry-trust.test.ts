// A registry that is not of this machine for us: authorities and certificates of our own, and proxies on the way.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as startRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Registry, startRegistry, whyNoRegistry } from '../support/docker-registry.ts'
import { pathOf, whyNot } from '../support/other-programs.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

const address = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
if (address === undefined) console.warn('registries elsewhere are not tried: this machine has no address but 127.0.0.1')
const isPossible = privileged && whyNoRegistry() === undefined && whyNot('openssl') === undefined

describe.runIf(isPossible && address !== undefined)('a registry elsewhere', () => {
  useImages('busybox')
  let cwd = ''
  let registry: Registry | undefined
  let proxy: Proxy | undefined
  let environment: Record<string, string> = {}

  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-trust-'))
    environment = {
      TSCOMPOSE_DATA_DIR: join(cwd, 'data'),
      TSCOMPOSE_RUN_DIR: join(cwd, 'run'),
      DOCKER_CONFIG: join(cwd, 'docker'),
      XDG_CONFIG_HOME: join(cwd, 'config'),
    }
    await mustRun(['image', 'save', '-o', join(cwd, 'busybox.tar'), 'busybox'], { cwd })
    await run('image', 'load', '-i', join(cwd, 'busybox.tar'))
  })
  afterEach(async () => {
    await registry?.stop()
    await proxy?.close()
    registry = proxy = undefined
    rmSync(cwd, { recursive: true })
  })

  const run = (...words: readonly string[]) => tscompose(words, { cwd, environment })

  async function pushTo(host: string) {
    await run('image', 'tag', 'busybox', `${host}/app:1`)
    return run('image', 'push', '-q', `${host}/app:1`)
  }

  async function pullFrom(host: string) {
    await run('image', 'rm', '-f', `${host}/app:1`, 'busybox')
    return run('image', 'pull', '-q', `${host}/app:1`)
  }

  test('is trusted by the authority in certs.d, and sees the certificate that lies there', async () => {
    const authority = makeAuthority(cwd)
    registry = await startRegistry(undefined, {
      address: address as string,
      tls: { ...authority.sign('server', `IP:${address}`), clients: authority.cert },
    })
    const { host } = registry
    expect((await pushTo(host)).stderr).toContain(`"${host}" can't be reached: its certificate is not trusted`)
    const trusted = join(cwd, 'config', 'docker', 'certs.d', host)
    mkdirSync(trusted, { recursive: true })
    writeFileSync(join(trusted, 'ca.crt'), authority.cert)
    expect((await pushTo(host)).stderr).toContain('it wants to see a certificate of yours that it trusts')
    const { key, cert } = authority.sign('client', 'DNS:me')
    writeFileSync(join(trusted, 'client.cert'), cert)
    expect((await pushTo(host)).stderr).toContain('has no key')
    writeFileSync(join(trusted, 'client.key'), key)
    expect(await pushTo(host)).toMatchObject({ code: 0 })
    expect(await pullFrom(host)).toMatchObject({ code: 0 })
  })

  test('is reached through the proxy for HTTPS, unless NO_PROXY names it', async () => {
    const authority = makeAuthority(cwd)
    registry = await startRegistry(undefined, {
      address: address as string,
      tls: authority.sign('server', `IP:${address}`),
    })
    const { host } = registry
    writeFileSync(join(cwd, 'ca.pem'), authority.cert)
    proxy = await startProxy()
    const base = { ...environment, SSL_CERT_FILE: join(cwd, 'ca.pem'), HTTPS_PROXY: proxy.address }
    environment = { ...base, NO_PROXY: `example.com,${address}` }
    expect(await pushTo(host)).toMatchObject({ code: 0 })
    expect(proxy.asked).toEqual([])
    environment = { ...base, NO_PROXY: 'example.com' }
    expect(await pullFrom(host)).toMatchObject({ code: 0 })
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host}`]))
  })

  test('without TLS is spoken to where the configuration says so, through the proxy for HTTP', async () => {
    registry = await startRegistry(undefined, { address: address as string })
    const { host } = registry
    expect((await pushTo(host)).stderr).toContain(`"${host}" can't be reached: it does not speak TLS`)
    writeProject(cwd, { 'config/tscompose/config.json': JSON.stringify({ 'insecure-registries': [`${address}/32`] }) })
    proxy = await startProxy()
    environment = { ...environment, HTTP_PROXY: proxy.address, http_proxy: proxy.address }
    expect(await pushTo(host)).toMatchObject({ code: 0 })
    expect(await pullFrom(host)).toMatchObject({ code: 0 })
    expect(proxy.asked).toContain(`GET http://${host}/v2/app/manifests/1`)
  })
})

interface Authority {
  readonly cert: string
  readonly sign: (name: string, subject: string) => { readonly key: string; readonly cert: string }
}

function makeAuthority(directory: string): Authority {
  const at = (name: string): string => join(directory, name)
  const openssl = (...words: readonly string[]): void =>
    void execFileSync(pathOf('openssl'), words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const key = (name: string): readonly string[] => ['-newkey', 'rsa:2048', '-nodes', '-keyout', at(`${name}.key`)]
  openssl('req', '-x509', ...key('ca'), '-out', at('ca.crt'), '-subj', '/CN=test authority', '-days', '2')
  return {
    cert: readFileSync(at('ca.crt'), 'utf8'),
    sign: (name, subject) => {
      openssl('req', ...key(name), '-out', at(`${name}.csr`), '-subj', `/CN=${name}`)
      writeFileSync(at(`${name}.ext`), `subjectAltName=${subject}\n`)
      const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at(`${name}.ext`)]
      openssl('x509', '-req', '-in', at(`${name}.csr`), '-days', '2', '-out', at(`${name}.crt`), ...signed)
      return { key: readFileSync(at(`${name}.key`), 'utf8'), cert: readFileSync(at(`${name}.crt`), 'utf8') }
    },
  }
}

interface Proxy {
  readonly address: string
  /** `CONNECT HOST:PORT`, or what is asked for with the whole address. */
  readonly asked: readonly string[]
  readonly close: () => Promise<void>
}

async function startProxy(): Promise<Proxy> {
  const asked: string[] = []
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming
    asked.push(`${method} ${url}`)
    const onward = startRequest(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(onward)
  }).on('connect', ({ url = '' }, socket) => {
    asked.push(`CONNECT ${url}`)
    const [host, port] = url.split(':')
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    socket.on('error', () => through.destroy())
    through.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
