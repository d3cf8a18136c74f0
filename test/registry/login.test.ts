// Logging in and out: what a registry is shown, and what is kept for the next time.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { userCredentials } from '../../src/runtime/image/registry/credentials.ts'
import { forgetLogin, keepLogin, proveLogin, registryNamed } from '../../src/runtime/image/registry/login.ts'
import { type Answering, type FakeServer, startFake } from '../support/fake-registry.ts'

const { signal } = new AbortController()
const password = { kind: 'password', username: 'me', password: 'secret' } as const
const shown = `Basic ${Buffer.from('me:secret').toString('base64')}`

let home = ''
let servers: FakeServer[] = []
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tscompose-login-'))
})
afterEach(async () => {
  rmSync(home, { recursive: true })
  await Promise.all(servers.map((one) => one.close()))
  servers = []
})

async function fake(answer: Answering): Promise<FakeServer> {
  const server = await startFake(answer)
  servers.push(server)
  return server
}

const setting = (env: NodeJS.ProcessEnv = {}) => ({ env: { DOCKER_CONFIG: home, ...env }, signal })
const config = (): unknown => JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))
const keep = (registry: string, env: NodeJS.ProcessEnv = {}) =>
  keepLogin(registry, { username: 'me', credential: password }, setting(env))

test.each([
  [undefined, 'docker.io'],
  ['index.docker.io', 'docker.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['ghcr.io', 'ghcr.io'],
  ['http://localhost:5000/v2/', 'localhost:5000'],
])('%s is the registry %s', (server, registry) => {
  expect(registryNamed(server)).toBe(registry)
})

describe('a login', () => {
  const wantsBasic: Answering = ({ headers }) =>
    headers.authorization === shown ? {} : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }

  test('is shown to the registry before it is kept', async () => {
    const { host } = await fake(wantsBasic)
    expect(await proveLogin(host, password, setting())).toEqual(password)
    const wrong = proveLogin(host, { ...password, password: 'other' }, setting())
    await expect(wrong).rejects.toMatchObject({ code: 'permission-denied', message: expect.stringContaining(host) })
  })

  test('becomes an identity token where the registry has one', async () => {
    const tokens = await fake(() => ({ body: '{"token":"abc","refresh_token":"again"}' }))
    const challenge = `Bearer realm="http://${tokens.host}/token",service="s"`
    const { host } = await fake(({ headers }) =>
      headers.authorization === 'Bearer abc' ? {} : { status: 401, headers: { 'www-authenticate': challenge } },
    )
    expect(await proveLogin(host, password, setting())).toEqual({ kind: 'identity-token', token: 'again' })
    expect(tokens.lines()).toEqual(['GET /token?service=s&offline_token=true&client_id=tscompose'])
    expect(tokens.asked[0]?.headers.authorization).toBe(shown)
  })

  test('is kept beside what else is in the file, which is for its owner alone', async () => {
    writeFileSync(join(home, 'config.json'), '{"auths":{"ghcr.io":{"auth":"eA=="}},"psFormat":"x"}', { mode: 0o644 })
    expect(await keep('a.example')).toBe(join(home, 'config.json'))
    expect(config()).toEqual({
      auths: { 'ghcr.io': { auth: 'eA==' }, 'a.example': { auth: Buffer.from('me:secret').toString('base64') } },
      psFormat: 'x',
    })
    expect(statSync(join(home, 'config.json')).mode & 0o777).toBe(0o600)
    expect(await userCredentials(setting().env)('a.example', signal)).toEqual(password)
  })

  test('of the Hub is kept under the address of its first version', async () => {
    await keep('docker.io')
    expect(config()).toMatchObject({ auths: { 'https://index.docker.io/v1/': {} } })
  })

  test('is forgotten under every way to write the registry', async () => {
    writeFileSync(join(home, 'config.json'), '{"auths":{"https://a.example/v1/":{"auth":"eA=="},"b.example":{}}}')
    await forgetLogin('a.example', setting())
    await forgetLogin('c.example', setting())
    expect(config()).toEqual({ auths: { 'b.example': {} } })
  })
})

describe('a program that keeps logins', () => {
  const program = `#!/bin/sh\necho "$1" "$(cat)" >> "${'$'}(dirname "$0")/asked"\n`

  test('is given the login, and asked to forget it', async () => {
    writeFileSync(join(home, 'docker-credential-test'), program)
    chmodSync(join(home, 'docker-credential-test'), 0o755)
    writeFileSync(join(home, 'config.json'), '{"credHelpers":{"a.example":"test"}}')
    const env = { PATH: `${home}:${process.env.PATH}` }
    expect(await keep('a.example', env)).toBeUndefined()
    await forgetLogin('a.example', setting(env))
    expect(readFileSync(join(home, 'asked'), 'utf8').split('\n')).toEqual([
      'store {"ServerURL":"a.example","Username":"me","Secret":"secret"}',
      'erase a.example',
      '',
    ])
    expect(config()).toEqual({ credHelpers: { 'a.example': 'test' }, auths: {} })
  })
})

test('a login of podman and skopeo is found after those of Docker', async () => {
  const file = join(home, 'auth.json')
  writeFileSync(file, JSON.stringify({ auths: { 'docker.io': { auth: Buffer.from('me:secret').toString('base64') } } }))
  const find = userCredentials({ ...setting().env, REGISTRY_AUTH_FILE: file })
  expect(await find('docker.io', signal)).toEqual(password)
  expect(await find('a.example', signal)).toBeUndefined()
})
