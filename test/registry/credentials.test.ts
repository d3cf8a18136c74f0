// Who the user is to a registry, by Docker's own file and the programs it names.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { userCredentials } from '../../src/runtime/image/registry/credentials.ts'

let home = ''
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tscompose-credentials-'))
})
afterAll(() => rmSync(home, { recursive: true }))

const { signal } = new AbortController()

function find(config: object | string, registry: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(home, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  return userCredentials({ DOCKER_CONFIG: home, ...env })(registry, signal)
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const me = { kind: 'password', username: 'me', password: 'se:cret' }

describe('a login in the file', () => {
  test.each<[string, object, string, object | undefined]>([
    ['under the registry', { 'ghcr.io': { auth: base64('me:se:cret') } }, 'ghcr.io', me],
    ['under its address', { 'https://ghcr.io/v2/': { auth: base64('me:se:cret') } }, 'ghcr.io', me],
    ['in words', { 'a.example:5000': { username: 'me', password: 'se:cret' } }, 'a.example:5000', me],
    ['for the Hub', { 'https://index.docker.io/v1/': { auth: base64('me:se:cret') } }, 'docker.io', me],
    [
      'as identity token',
      { 'ghcr.io': { auth: base64('me:'), identitytoken: 't' } },
      'ghcr.io',
      { kind: 'identity-token', token: 't' },
    ],
    ['as registry token', { 'ghcr.io': { registrytoken: 't' } }, 'ghcr.io', { kind: 'registry-token', token: 't' }],
    ['for another port', { 'a.example:5001': { auth: base64('me:x') } }, 'a.example:5000', undefined],
    ['that was left empty', { 'ghcr.io': {} }, 'ghcr.io', undefined],
  ])('is found %s', async (_, auths, registry, expected) => {
    expect(await find({ auths }, registry)).toEqual(expected)
  })

  test('is looked for below HOME without DOCKER_CONFIG, and need not be there', async () => {
    expect(await userCredentials({ HOME: join(home, 'nobody') })('ghcr.io', signal)).toBeUndefined()
  })

  test.each(['{', '[', 'null', '"text"'])('is not guessed from a broken file: %s', async (text) => {
    await expect(find(text, 'ghcr.io')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`"${join(home, 'config.json')}" can't be read`),
    })
  })
})

describe('a login that a program keeps', () => {
  /** `docker-credential-NAME`, a shell script. */
  function program(name: string, script: string): NodeJS.ProcessEnv {
    const path = join(home, `docker-credential-${name}`)
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return { PATH: `${home}:${process.env.PATH}` }
  }

  test('is asked for by the name of the registry', async () => {
    const env = program('ok', 'read server; echo "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$server\\"}"')
    const config = { credsStore: 'missing', credHelpers: { 'ghcr.io': 'ok' } }
    expect(await find(config, 'ghcr.io', env)).toEqual({ kind: 'password', username: 'get', password: 'ghcr.io' })
  })

  test('goes before what the file holds', async () => {
    const env = program('token', 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"t\\"}"')
    const config = { credsStore: 'token', auths: { 'ghcr.io': { auth: base64('me:x') } } }
    expect(await find(config, 'ghcr.io', env)).toEqual({ kind: 'identity-token', token: 't' })
  })

  test('may not be there', async () => {
    const env = program('none', 'echo "credentials not found in native keychain"; exit 1')
    expect(await find({ credsStore: 'none' }, 'ghcr.io', env)).toBeUndefined()
  })

  test.each([
    ['broken', 'echo "the keychain is locked"; exit 1', 'the keychain is locked'],
    ['silent', 'exit 3', 'it failed'],
    ['chatty', 'echo hello', 'its answer is not what it should be'],
  ])('is an error where the program is %s', async (name, script, why) => {
    await expect(find({ credsStore: name }, 'ghcr.io', program(name, script))).rejects.toMatchObject({
      code: 'refused',
      message: `"docker-credential-${name}" gives no credentials: ${why}`,
    })
  })

  test.each([
    ['missing', 'it is not installed'],
    ['../evil', 'that is not the name of a program'],
  ])('is an error where the program is %s', async (name, why) => {
    await expect(find({ credsStore: name }, 'ghcr.io')).rejects.toMatchObject({
      message: `"docker-credential-${name}" gives no credentials: ${why}`,
      hint: expect.stringContaining(join(home, 'config.json')),
    })
  })
})
