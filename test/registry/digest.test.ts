// What a registry is asked for a digest, and what becomes of its answers.
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/runtime/image/blob.ts'
import { parseReference } from '../../src/runtime/image/reference.ts'
import { openClient } from '../../src/runtime/image/registry/client.ts'
import type { Credential } from '../../src/runtime/image/registry/credential.ts'
import { resolveDigest } from '../../src/runtime/image/registry/digest.ts'
import { type Answering, type FakeServer, type Reply, startFake, startTlsFake } from '../support/fake-registry.ts'

const OCI = 'application/vnd.oci.image.manifest.v1+json'
const manifest = JSON.stringify({ schemaVersion: 2, mediaType: OCI, config: {}, layers: [] })
const digest = digestOf(Buffer.from(manifest))
const whole: Reply = { headers: { 'content-type': OCI, 'docker-content-digest': digest }, body: manifest }
const unauthorized = (challenge: string): Reply => ({ status: 401, headers: { 'www-authenticate': challenge } })
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

let servers: FakeServer[] = []
afterEach(async () => {
  await Promise.all(servers.map((one) => one.close()))
  servers = []
})

async function fake(answer: Answering, start = startFake): Promise<FakeServer> {
  const server = await start(answer)
  servers.push(server)
  return server
}

/** Greets everybody. */
const manifests =
  (answer: Answering): Answering =>
  (asked) =>
    asked.path === '/v2/' ? {} : answer(asked)

interface Setting {
  readonly credential?: Credential
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

function digestFrom(image: string, { credential, timeoutMs = 5_000, signal }: Setting = {}): Promise<string> {
  const client = openClient({
    credentials: async () => credential,
    timeoutMs,
    signal: signal ?? new AbortController().signal,
  })
  return resolveDigest(client, parseReference(image))
}

describe('the digest of a tag', () => {
  test('is what HEAD tells, asked for with every kind of manifest', async () => {
    const registry = await fake(manifests(() => whole))
    expect(await digestFrom(`${registry.host}/team/app:1.0`)).toBe(digest)
    expect(registry.lines()).toEqual(['GET /v2/', 'HEAD /v2/team/app/manifests/1.0'])
    expect(registry.asked.at(-1)?.headers.accept?.split(', ')).toEqual([
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.docker.distribution.manifest.v2+json',
    ])
  })

  test.each<[string, Reply]>([
    ['tells no digest', { ...whole, headers: { 'content-type': OCI } }],
    ['tells one that is none', { ...whole, headers: { 'content-type': OCI, 'docker-content-digest': 'sha256:abc' } }],
    ['tells no kind', { ...whole, headers: { 'docker-content-digest': digest } }],
    ['is not known', { status: 405 }],
    ['finds nothing', { status: 404 }],
  ])('is measured on the manifest where HEAD %s', async (_, head) => {
    const registry = await fake(manifests(({ method }) => (method === 'HEAD' ? head : { body: manifest })))
    expect(await digestFrom(`${registry.host}/app`)).toBe(digest)
    expect(registry.lines().slice(1)).toEqual(['HEAD /v2/app/manifests/latest', 'GET /v2/app/manifests/latest'])
  })

  test('comes over TLS where a registry on this machine speaks it, whoever its certificate is for', async () => {
    const registry = await fake(
      manifests(() => whole),
      startTlsFake,
    )
    expect(await digestFrom(`${registry.host}/app`)).toBe(digest)
  })
})

describe('a registry that wants a token', () => {
  /** A registry that only listens to `Bearer abc`, and the server that gives that token. */
  async function guarded(giveToken: Answering = () => ({ body: '{"token":"abc"}' })) {
    const tokens = await fake(giveToken)
    const challenge = `Bearer realm="http://${tokens.host}/token?a=b",service="the registry"`
    const registry = await fake(({ headers }) =>
      headers.authorization === 'Bearer abc' ? whole : unauthorized(challenge),
    )
    return { registry, tokens }
  }

  test('gets one for the repository, without a name where the user has none', async () => {
    const { registry, tokens } = await guarded()
    expect(await digestFrom(`${registry.host}/team/app:1`)).toBe(digest)
    expect(tokens.lines()).toEqual(['GET /token?a=b&service=the+registry&scope=repository%3Ateam%2Fapp%3Apull'])
    expect(tokens.asked[0]?.headers.authorization).toBeUndefined()
    expect(registry.lines()).toEqual(['GET /v2/', 'HEAD /v2/team/app/manifests/1'])
  })

  test('gets one by name and password', async () => {
    const { registry, tokens } = await guarded(() => ({ body: '{"access_token":"abc"}' }))
    const credential = { kind: 'password', username: 'me', password: 'a:b' } as const
    expect(await digestFrom(`${registry.host}/app`, { credential })).toBe(digest)
    expect(tokens.asked[0]?.headers.authorization).toBe(basic('me:a:b'))
    expect(registry.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer abc'])
  })

  test('gets one by identity token', async () => {
    const { registry, tokens } = await guarded()
    expect(await digestFrom(`${registry.host}/app`, { credential: { kind: 'identity-token', token: 'id' } })).toBe(
      digest,
    )
    expect(tokens.lines()).toEqual(['POST /token?a=b'])
    expect(Object.fromEntries(new URLSearchParams(tokens.asked[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'tscompose',
      refresh_token: 'id',
      service: 'the registry',
      scope: 'repository:app:pull',
    })
  })

  test('may ask for it only where the image is', async () => {
    const tokens = await fake(() => ({ body: '{"token":"abc"}' }))
    const registry = await fake(
      manifests(({ headers }) =>
        headers.authorization ? whole : unauthorized(`Bearer realm="http://${tokens.host}/t"`),
      ),
    )
    expect(await digestFrom(`${registry.host}/app`)).toBe(digest)
    expect(registry.lines()).toEqual(['GET /v2/', 'HEAD /v2/app/manifests/latest', 'HEAD /v2/app/manifests/latest'])
  })

  test.each<[string, Reply, Credential | undefined, object]>([
    [
      'refuses a password',
      { status: 401, body: '{"details":"incorrect\\u001b[31m password"}' },
      { kind: 'password', username: 'me', password: 'x' },
      {
        code: 'permission-denied',
        message: expect.stringMatching(
          /does not accept the password of "me": status 401 \(incorrect \[31m password\)$/,
        ),
      },
    ],
    [
      'wants a login',
      { status: 403 },
      undefined,
      { code: 'permission-denied', hint: expect.stringMatching(/^log in with "tscompose login 127/) },
    ],
    [
      'fails',
      { status: 500 },
      undefined,
      { code: 'image-unreachable', message: expect.stringContaining('gives no token') },
    ],
    [
      'gives rubbish',
      { body: '<html>' },
      undefined,
      { code: 'refused', message: expect.stringContaining('something that is no token') },
    ],
    ['gives a header in two', { body: '{"token":"a\\r\\nb: c"}' }, undefined, { code: 'refused' }],
  ])('is told apart where the token server %s', async (_, reply, credential, expected) => {
    const { registry } = await guarded(() => reply)
    await expect(digestFrom(`${registry.host}/app`, credential && { credential })).rejects.toMatchObject(expected)
  })

  test.each(['http://registry.example/token', 'ftp://registry.example/', 'token'])(
    'is refused when it names %s, where a password could be read on the way',
    async (realm) => {
      const registry = await fake(() => unauthorized(`Bearer realm="${realm}"`))
      await expect(digestFrom(`${registry.host}/app`)).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining(`"${realm}", which is not a TLS address`),
      })
    },
  )
})

describe('a registry that wants a name and a password', () => {
  const guarded = () =>
    fake(({ headers }) => (headers.authorization === basic('me:secret') ? whole : unauthorized('Basic realm="here"')))

  test('gets them with each question', async () => {
    const registry = await guarded()
    const credential = { kind: 'password', username: 'me', password: 'secret' } as const
    expect(await digestFrom(`${registry.host}/app`, { credential })).toBe(digest)
    expect(registry.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, basic('me:secret')])
  })

  test.each<[string, Credential | undefined]>([
    ['none', undefined],
    ['wrong ones', { kind: 'password', username: 'me', password: 'wrong' }],
  ])('shows nothing to who has %s', async (_, credential) => {
    const registry = await guarded()
    await expect(digestFrom(`${registry.host}/app`, credential && { credential })).rejects.toMatchObject({
      code: 'permission-denied',
      message: `registry "${registry.host}" does not show you image "${registry.host}/app:latest"`,
      hint: expect.stringContaining(`tscompose login ${registry.host}`),
    })
  })
})

describe('an answer that is no digest', () => {
  test.each<[string, Reply, object]>([
    [
      '404',
      { status: 404 },
      { code: 'image-not-found', message: expect.stringMatching(/^image ".*app:latest" is not in the registry$/) },
    ],
    [
      '429',
      { status: 429, headers: { 'retry-after': '7' } },
      { code: 'image-unreachable', hint: expect.stringMatching(/^try again in 7 s/) },
    ],
    [
      '503',
      { status: 503, body: '{"errors":[{"message":"gone fishing"}]}' },
      { code: 'image-unreachable', message: expect.stringMatching(/status 503 \(gone fishing\)$/) },
    ],
    [
      'a page',
      { headers: { 'content-type': 'text/html' }, body: '<html>' },
      { code: 'refused', message: expect.stringMatching(/something that is no image manifest$/) },
    ],
    ['null', { body: 'null' }, { code: 'refused' }],
    ['the old format', { body: '{"schemaVersion":1}' }, { code: 'unsupported' }],
    [
      'another digest',
      { headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }, body: manifest },
      { code: 'refused', message: expect.stringContaining('damaged manifest') },
    ],
    [
      'too much',
      { body: ' '.repeat((4 << 20) + 1) },
      { code: 'refused', message: expect.stringMatching(/sends more than the 4194304 bytes it may$/) },
    ],
  ])('says what is wrong: %s', async (_, reply, expected) => {
    const registry = await fake(manifests(() => reply))
    await expect(digestFrom(`${registry.host}/app`)).rejects.toMatchObject(expected)
  })

  test('is not waited for without end', async () => {
    const registry = await fake(manifests(() => undefined))
    await expect(digestFrom(`${registry.host}/app`, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'image-unreachable',
      message: `"${registry.host}" can't be reached: no answer within 0.3 s`,
    })
  })

  test('ends with the command', async () => {
    const controller = new AbortController()
    const registry = await fake(
      manifests(() => {
        controller.abort()
        return undefined
      }),
    )
    await expect(digestFrom(`${registry.host}/app`, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  test('is told when nobody listens', async () => {
    const registry = await fake(() => ({}))
    await registry.close()
    await expect(digestFrom(`${registry.host}/app`)).rejects.toMatchObject({
      code: 'image-unreachable',
      message: `"${registry.host}" can't be reached: nothing listens there`,
    })
  })
})

describe('a redirect', () => {
  const guardedBy = (answer: Answering) => (asked: Parameters<Answering>[0]) =>
    asked.headers.authorization === undefined ? unauthorized('Basic realm="here"') : answer(asked)
  const credential = { kind: 'password', username: 'me', password: 'secret' } as const

  test('to another host does not take the password along', async () => {
    const other = await fake(() => whole)
    const registry = await fake(
      guardedBy(() => ({ status: 307, headers: { location: `http://${other.host}/elsewhere` } })),
    )
    expect(await digestFrom(`${registry.host}/app`, { credential })).toBe(digest)
    expect(other.lines()).toEqual(['HEAD /elsewhere'])
    expect(other.asked[0]?.headers.authorization).toBeUndefined()
  })

  test('to another host gives that host no right to ask for one', async () => {
    const other = await fake(() => unauthorized('Basic realm="give me"'))
    const registry = await fake(manifests(() => ({ status: 302, headers: { location: `http://${other.host}/` } })))
    await expect(digestFrom(`${registry.host}/app`, { credential })).rejects.toMatchObject({
      code: 'permission-denied',
    })
    expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  })

  test('on the same host does', async () => {
    const registry = await fake(
      guardedBy(({ path }) => (path === '/there' ? whole : { status: 308, headers: { location: '/there' } })),
    )
    expect(await digestFrom(`${registry.host}/app`, { credential })).toBe(digest)
    expect(registry.asked.at(-1)?.headers.authorization).toBe(basic('me:secret'))
  })

  test('is followed a few times and not for ever', async () => {
    const registry = await fake(manifests(({ path }) => ({ status: 302, headers: { location: `${path}x` } })))
    await expect(digestFrom(`${registry.host}/app`)).rejects.toThrow('from one address to the next without end')
    expect(registry.asked).toHaveLength(7)
  })

  test('never leads from TLS to an address without it', async () => {
    const other = await fake(() => whole)
    const registry = await fake(
      manifests(() => ({ status: 302, headers: { location: `http://${other.host}/` } })),
      startTlsFake,
    )
    await expect(digestFrom(`${registry.host}/app`)).rejects.toThrow('redirects from TLS to an address without it')
    expect(other.asked).toEqual([])
  })
})

/** This machine under a name by which we don't know it: what holds for a registry elsewhere holds there. */
const elsewhere = ({ host }: FakeServer): string => host.replace('127.0.0.1', '[::ffff:7f00:1]')
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'))

describe.skipIf(!hasIpv6)('a registry on another machine', () => {
  test('is not spoken to without TLS', async () => {
    const registry = await fake(() => whole)
    await expect(digestFrom(`${elsewhere(registry)}/app`)).rejects.toMatchObject({
      message: `"${elsewhere(registry)}" can't be reached: it does not speak TLS`,
    })
    expect(registry.asked).toEqual([])
  })

  test('has to show a certificate that can be trusted', async () => {
    const registry = await fake(() => whole, startTlsFake)
    await expect(digestFrom(`${elsewhere(registry)}/app`)).rejects.toMatchObject({
      message: `"${elsewhere(registry)}" can't be reached: its certificate is not trusted`,
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    expect(registry.asked).toEqual([])
  })
})
