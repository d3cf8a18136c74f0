// Images from Debian's docker-registry: pulled by commands and by what needs them, with logins, by several at once, and killed on the way.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from '../runtime/image/archive.ts'
import { pushSaved, type Registry, startRegistry, whyNoRegistry } from '../support/docker-registry.ts'
import { mustRun, start, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

/** Of "me" with the password "secret". */
const LOGINS = 'me:$2a$04$qLWhr8TAecVEHtvS4EOPTeavl/2gm.5Tyfj9sYvtdFGqkQHPGBN4K\n'

describe.runIf(privileged && whyNoRegistry() === undefined)('a pull', () => {
  useImages('busybox', 'redis')
  let open: Registry
  let guarded: Registry
  let cwd = ''
  let saved = ''

  beforeAll(async () => {
    saved = mkdtempSync(join(tmpdir(), 'tsc-saved-'))
    for (const name of ['busybox', 'redis'])
      await mustRun(['image', 'save', '-o', join(saved, `${name}.tar`), name], { cwd: saved })
    open = await startRegistry()
    guarded = await startRegistry(LOGINS)
    await pushSaved({ host: open.host, repository: 'team/app' }, '1', join(saved, 'busybox.tar'))
    await pushSaved({ host: open.host, repository: 'big' }, '1', join(saved, 'redis.tar'))
    await pushSaved({ host: guarded.host, repository: 'app', login: 'me:secret' }, '1', join(saved, 'busybox.tar'))
  })
  afterAll(async () => {
    await open.stop()
    await guarded.stop()
    rmSync(saved, { recursive: true })
  })

  let environment: Record<string, string> = {}
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-e2e-'))
    environment = {
      TSCOMPOSE_DATA_DIR: join(cwd, 'state', 'data'),
      TSCOMPOSE_RUN_DIR: join(cwd, 'state', 'run'),
      DOCKER_CONFIG: join(cwd, 'docker'),
      XDG_CONFIG_HOME: join(cwd, 'config'),
    }
  })
  afterEach(() => rmSync(cwd, { recursive: true }))

  const run = (...words: readonly string[]) => tscompose(words, { cwd, environment })
  const images = join('state', 'data', 'images')

  test('happens for what a service needs, which then runs', async () => {
    writeProject(cwd, {
      'compose.yaml': `name: pulled\nservices:\n  web:\n    image: ${open.host}/team/app:1\n    command: echo it runs\n`,
    })
    const { code, stdout } = await run('up')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('web-1  | it runs') })
    expect((await run('down')).code).toBe(0)
  })

  test('says in one line for each service what becomes of its image', async () => {
    writeProject(cwd, {
      'compose.yaml': `
name: pulled
services:
  a: { image: "${open.host}/team/app:1", depends_on: [b] }
  b: { image: "${open.host}/team/app:1" }
  gone: { image: "${open.host}/gone:1" }
  built: { build: . }
`,
    })
    const one = await run('pull', 'a')
    expect({ code: one.code, said: one.stderr }).toEqual({ code: 0, said: ' a  Pulling\n a  Pulled\n' })
    const both = await run('pull', '--include-deps', 'a')
    expect(both.stderr).toContain(' b  Skipped - Image is already being pulled by a\n')
    const all = await run('pull', '--policy', 'missing')
    expect(all.code).toBe(1)
    expect(all.stderr.split('\n').filter((line) => /^ \w/.test(line))).toEqual([
      ' a  Skipped - Image is already present locally',
      ' b  Skipped - Image is already present locally',
      ' built  Skipped - No image to be pulled',
      ' gone  Pulling',
      ` gone  Error image "${open.host}/gone:1" is not in the registry`,
    ])
    expect((await run('pull', '--ignore-pull-failures')).code).toBe(0)
  })

  test('needs a login where the registry wants one', async () => {
    const image = `${guarded.host}/app:1`
    expect(await run('image', 'pull', image)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`log in with "tscompose login ${guarded.host}"`),
    })
    const login = (password: string) =>
      tscompose(['login', '-u', 'me', '--password-stdin', guarded.host], { cwd, environment, input: `${password}\n` })
    expect((await login('wrong')).code).toBe(1)
    expect(await login('secret')).toMatchObject({ code: 0, stdout: 'Login Succeeded\n' })
    expect(await run('image', 'pull', '-q', image)).toEqual({ code: 0, signal: null, stdout: `${image}\n`, stderr: '' })
    expect((await run('logout', guarded.host)).stdout).toBe(`Removing login credentials for ${guarded.host}\n`)
    expect(JSON.parse(readFileSync(join(cwd, 'docker', 'config.json'), 'utf8'))).toEqual({ auths: {} })
  })

  test('comes from a mirror in place of the Hub', async () => {
    await pushSaved({ host: open.host, repository: 'library/app' }, 'latest', join(saved, 'busybox.tar'))
    writeProject(cwd, { 'config/tscompose/config.json': `{"registry-mirrors":["http://${open.host}"]}` })
    expect(await run('image', 'pull', '-q', 'app')).toMatchObject({ code: 0, stdout: 'docker.io/library/app:latest\n' })
    expect((await run('image', 'ls', '-q', 'app')).stdout).not.toBe('')
  })

  test('by two processes at once leaves one whole store', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => run('image', 'pull', '-q', `${open.host}/big:1`)))
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0])
    checkBlobs()
    expect(readdirSync(join(cwd, 'state', 'data', 'layers')).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('that is killed shows nothing, and what it leaves is swept', async () => {
    for (const afterMs of [100, 200, 300, 400, 600]) {
      const child = start(['image', 'pull', '-q', `${open.host}/big:1`], { cwd, environment })
      const ended = new Promise((resolve) => child.on('close', resolve))
      setTimeout(() => child.kill('SIGKILL'), afterMs)
      await ended
      checkBlobs()
      await run('image', 'prune', '-af')
      expect(contentOf('blobs/sha256'), `after ${afterMs} ms`).toEqual([])
    }
    expect((await run('image', 'pull', '-q', `${open.host}/big:1`)).code).toBe(0)
    checkBlobs()
  })

  function contentOf(folder: string): readonly string[] {
    const path = join(cwd, images, folder)
    return existsSync(path) ? readdirSync(path) : []
  }

  function checkBlobs(): void {
    for (const name of contentOf('blobs/sha256').filter((one) => !one.startsWith('.')))
      expect(sha256(readFileSync(join(cwd, images, 'blobs/sha256', name)))).toBe(`sha256:${name}`)
  }
})
