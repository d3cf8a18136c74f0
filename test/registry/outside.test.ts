// What stands between us and registries: mirrors, insecure registries, proxies, and the platform that is chosen.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { choosePlatform, suits } from '../../src/runtime/image/platform-choice.ts'
import { parseReference } from '../../src/runtime/image/reference.ts'
import { openClient } from '../../src/runtime/image/registry/client.ts'
import { hostSet } from '../../src/runtime/image/registry/host-set.ts'
import { nothingBetween } from '../../src/runtime/image/registry/outside.ts'
import { proxiesOf } from '../../src/runtime/image/registry/proxy.ts'
import { retryAfterMs } from '../../src/runtime/image/registry/retry.ts'
import { readSettings } from '../../src/runtime/image/registry/settings.ts'
import { startFake, startTlsFake } from '../support/fake-registry.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-settings-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function settingsOf(text: string) {
  const path = join(folder, 'config.json')
  writeFileSync(path, text)
  return readSettings({ TSCOMPOSE_CONFIG: path })
}

describe('the configuration file', () => {
  test('names mirrors and registries that need no TLS', () => {
    const { mirrors, insecure } = settingsOf(
      '{"registry-mirrors":["https://m.example"],"insecure-registries":["r.example:5000","http://s.example","10.1.0.0/16"]}',
    )
    expect(mirrors.map(String)).toEqual(['https://m.example/'])
    const has = (host: string): boolean => insecure.has(new URL(`https://${host}`))
    expect(['r.example:5000', 's.example', '10.1.2.3:5000'].map(has)).toEqual([true, true, true])
    expect(['r.example', 'x.s.example', '10.2.2.3'].map(has)).toEqual([false, false, false])
  })

  test('says nothing where there is none, but one that is named must be there', () => {
    expect(readSettings({ XDG_CONFIG_HOME: join(folder, 'none') }).mirrors).toEqual([])
    expect(() => readSettings({ TSCOMPOSE_CONFIG: join(folder, 'none') })).toThrow('none')
  })

  test.each([
    ['{"registry-mirror":[]}', 'there is no setting "registry-mirror"'],
    ['{"registry-mirrors":"x"}', '"registry-mirrors" is not a list of names'],
    ['{"registry-mirrors":["ftp://x"]}', 'mirror "ftp://x" is no address'],
    ['{"registry-mirrors":["https://x/y"]}', 'mirror "https://x/y" has more than a host in it'],
    ['{"insecure-registries":["x/y"]}', 'insecure registry "x/y" is neither a host nor a network'],
    ['[]', 'it is no object'],
  ])('%s is refused', (text, why) => {
    expect(() => settingsOf(text)).toThrow(why)
  })
})

test.each([
  ['https://a.example', 'http://secure:3128/'],
  ['http://a.example', 'http://plain:3128/'],
  ['https://b.example', undefined],
  ['https://x.b.example', undefined],
  ['https://c.example:5000', undefined],
  ['https://c.example', 'http://secure:3128/'],
  ['https://10.1.2.3', undefined],
  ['https://127.0.0.1:5000', undefined],
  ['https://localhost', undefined],
])('%s goes through the proxy %s', (address, proxy) => {
  const env = {
    HTTPS_PROXY: 'secure:3128',
    http_proxy: 'http://plain:3128',
    NO_PROXY: '.b.example, c.example:5000,10.0.0.0/8',
  }
  expect(proxiesOf(env)(new URL(address))?.href).toBe(proxy)
})

test('a proxy that is none is refused without its password', () => {
  const find = proxiesOf({ HTTPS_PROXY: 'socks5://me:secret@x:1' })
  expect(() => find(new URL('https://a.example'))).toThrow('"socks5://x:1" is no proxy that can be used')
})

test('everything goes directly where NO_PROXY is a star', () => {
  expect(proxiesOf({ HTTPS_PROXY: 'x:1', NO_PROXY: '*' })(new URL('https://a.example'))).toBeUndefined()
})

describe('a mirror', () => {
  const ask = async (mirrors: readonly string[]) => {
    const outside = nothingBetween()
    const asked: string[] = []
    const credentials = async (registry: string) => {
      asked.push(registry)
      return { kind: 'password', username: registry, password: 'x' } as const
    }
    const settings = { mirrors: mirrors.map((host) => new URL(`http://${host}`)), insecure: hostSet([]) }
    const { signal } = new AbortController()
    const client = openClient({ credentials, outside: { ...outside, settings }, signal, timeoutMs: 2000 })
    const request = { method: 'GET', path: 'manifests/1', maxBytes: 100 } as const
    return { answer: await client.ask(parseReference('app:1'), request), asked }
  }

  test('is asked in place of the Hub, the next one where it has nothing or is not there, each with its own login', async () => {
    const empty = await startFake(({ path }) => (path === '/v2/' ? {} : { status: 404 }))
    const full = await startFake(({ headers }) =>
      headers.authorization ? { body: 'here' } : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
    const { answer, asked } = await ask(['127.0.0.1:1', empty.host, full.host])
    expect(String(answer.body)).toBe('here')
    expect(empty.lines()).toEqual(['GET /v2/', 'GET /v2/library/app/manifests/1'])
    expect(asked).toEqual([full.host])
    await Promise.all([empty.close(), full.close()])
  })
})

test('TLS is spoken through a proxy, which sees the password of its own and nothing else', async () => {
  const registry = await startTlsFake(() => ({ body: 'secret' }))
  const seen: unknown[] = []
  const proxy = createServer().on('connect', ({ url, headers }, socket) => {
    seen.push([url, headers['proxy-authorization']])
    const [host, port] = registry.host.split(':')
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    socket.on('error', () => through.destroy())
    through.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const settings = { mirrors: [], insecure: hostSet(['r.example']) }
  const proxyFor = proxiesOf({ HTTPS_PROXY: `http://me:p%40ss@127.0.0.1:${port}` })
  const { signal } = new AbortController()
  const client = openClient({
    credentials: async () => undefined,
    outside: { ...nothingBetween(), settings, proxyFor },
    signal,
  })
  const answer = await client.ask(parseReference('r.example/app'), {
    method: 'GET',
    path: 'manifests/latest',
    maxBytes: 100,
  })
  expect(String(answer.body)).toBe('secret')
  expect(seen[0]).toEqual(['r.example:443', `Basic ${Buffer.from('me:p@ss').toString('base64')}`])
  proxy.closeAllConnections()
  proxy.close()
  await registry.close()
})

describe('of several platforms', () => {
  const index = (...names: readonly string[]) =>
    names.map((name) => {
      const [os = '', architecture = '', variant] = name.split('/')
      return { mediaType: 'x', digest: name, size: 1, platform: { os, architecture, ...(variant ? { variant } : {}) } }
    })
  const chosen = (wanted: string, ...there: readonly string[]): string | undefined =>
    choosePlatform(index(...there), index(wanted)[0]?.platform as never)?.digest

  test.each([
    ['linux/amd64', ['linux/arm64', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64', ['linux/amd64/v3', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 'linux/amd64/v2'],
    ['linux/amd64', ['linux/amd64/v2'], undefined],
    ['linux/amd64', ['linux/386'], 'linux/386'],
    ['linux/arm64', ['linux/arm/v7', 'linux/arm64/v8'], 'linux/arm64/v8'],
    ['linux/arm/v6', ['linux/arm/v7', 'linux/arm/v5'], 'linux/arm/v5'],
    ['linux/arm', ['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'],
    ['linux/amd64', ['windows/amd64', 'unknown/unknown'], undefined],
    ['linux/riscv64', ['linux/riscv64'], 'linux/riscv64'],
  ])('%s of %j is %s', (wanted, there, expected) => {
    expect(chosen(wanted, ...there)).toBe(expected)
  })

  test('an image for arm64 without a variant is one for arm64/v8', () => {
    expect(suits({ os: 'linux', architecture: 'arm64' }, { os: 'linux', architecture: 'arm64', variant: 'v8' })).toBe(
      true,
    )
  })
})

test.each([
  ['3', 3000],
  ['Thu, 01 Jan 1970 00:00:09 GMT', 4000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s waits %s ms', (header, waitMs) => {
  expect(retryAfterMs(header, 5000)).toBe(waitMs)
})
