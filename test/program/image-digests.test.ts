// `config --resolve-image-digests` and `--lock-image-digests` against a real registry.
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Pushed, pushImage, type Registry, startRegistry, whyNoRegistry } from '../support/docker-registry.ts'
import { startFake } from '../support/fake-registry.ts'

const program = fileURLToPath(new URL('../../bin/tscompose', import.meta.url))
const missing = whyNoRegistry()
const digest = `sha256:${'a'.repeat(64)}`
/** Of "me" with the password "secret". */
const LOGINS = 'me:$2a$04$qLWhr8TAecVEHtvS4EOPTeavl/2gm.5Tyfj9sYvtdFGqkQHPGBN4K\n'

let project = ''

function run(file: string, ...args: readonly string[]) {
  const { NO_COLOR: _, ...environment } = process.env
  const { status, stdout, stderr } = spawnSync(program, ['-f', file, 'config', ...args], {
    cwd: project,
    env: { ...environment, DOCKER_CONFIG: project },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe.skipIf(missing !== undefined)(`on docker-registry${missing ? ` (${missing})` : ''}`, () => {
  let open: Registry
  let app: Pushed
  let database: Pushed

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'tscompose-digests-'))
    open = await startRegistry()
    app = await pushImage({ host: open.host, repository: 'app' }, 'latest', 'app')
    database = await pushImage({ host: open.host, repository: 'team/db' }, '15', 'database')
    writeFileSync(join(project, 'compose.yaml'), compose(open.host))
  })
  afterAll(async () => {
    await open.stop()
    rmSync(project, { recursive: true })
  })

  test('the project has the digests of now, of an index where there is one', () => {
    const { status, stdout, stderr } = run('compose.yaml', '--resolve-image-digests')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`
  db:
    image: ${open.host}/team/db:15-all@${database.indexDigest}
`)
    expect(stdout).toContain(`
    environment:
      PRICE: $$5
    image: ${open.host}/app:latest@${app.digest}
`)
  })

  test('the override file has the images alone', () => {
    expect(run('compose.yaml', '--lock-image-digests')).toEqual({
      status: 0,
      stderr: '',
      stdout: `services:
  built: {}
  db:
    image: ${open.host}/team/db:15-all@${database.indexDigest}
  web:
    image: ${open.host}/app:latest@${app.digest}
    volumes:
      - type: image
        source: ${open.host}/team/db:15@${database.digest}
        target: /data
`,
    })
  })

  test('the override file can be for some services, or JSON', () => {
    const { stdout } = run('compose.yaml', '--lock-image-digests', '--format', 'json', 'db')
    expect(JSON.parse(stdout)).toEqual({
      name: '',
      services: {
        db: { command: null, entrypoint: null, image: `${open.host}/team/db:15-all@${database.indexDigest}` },
      },
    })
  })

  test('what was pinned stays as it is when it is read again', () => {
    const { stdout } = run('compose.yaml', '--resolve-image-digests')
    writeFileSync(join(project, 'pinned.yaml'), stdout)
    expect(run('pinned.yaml').stdout).toBe(stdout)
    writeFileSync(join(project, 'lock.yaml'), run('compose.yaml', '--lock-image-digests').stdout)
    expect(run('compose.yaml', '-f', 'lock.yaml').stdout).toBe(stdout)
  })

  test('without interpolation every service is resolved, and variables stay as they are', () => {
    const { status, stderr } = run('compose.yaml', '--resolve-image-digests', '--no-interpolate')
    expect(status).toBe(1)
    expect(stderr).toContain(`compose.yaml:13:12: error: image "${open.host}/app:gone" is not in the registry`)
    writeFileSync(join(project, 'few.yaml'), `name: app\nservices: { web: { image: "${open.host}/app", user: $U } }\n`)
    const model = JSON.parse(run('few.yaml', '--resolve-image-digests', '--no-interpolate', '--format', 'json').stdout)
    expect(model.services.web).toMatchObject({ image: `${open.host}/app:latest@${app.digest}`, user: '$U' })
  })

  test('what fails is told at its place, everything at once, and nothing is printed', () => {
    writeFileSync(
      join(project, 'wrong.yaml'),
      `services:
  one: { image: "${open.host}/app:gone" }
  two: { image: "${open.host}/App" }
  three: { image: "127.0.0.1:1/app" }
  four: { image: "${open.host}/app" }
`,
    )
    const { status, stdout, stderr } = run('wrong.yaml', '--resolve-image-digests')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr.split('\n').filter((line) => line.includes('error:'))).toEqual([
      `wrong.yaml:2:17: error: image "${open.host}/app:gone" is not in the registry [image-not-found]`,
      `wrong.yaml:3:17: error: "${open.host}/App" is not a valid image reference: the repository name must be lower case [bad-reference]`,
      'wrong.yaml:4:19: error: "127.0.0.1:1" can\'t be reached: nothing listens there [image-unreachable]',
    ])
    expect(run('wrong.yaml', '--resolve-image-digests', '-q').status).toBe(1)
    expect(run('wrong.yaml', '--resolve-image-digests', '--services').stdout).toBe('four\none\nthree\ntwo\n')
  })

  test('a registry that wants a password gets it from the file of docker login', async () => {
    const guarded = await startRegistry(LOGINS)
    const pushed = await pushImage({ host: guarded.host, repository: 'app', login: 'me:secret' }, '1', 'guarded')
    writeFileSync(join(project, 'guarded.yaml'), `services: { web: { image: "${guarded.host}/app:1" } }\n`)
    const without = run('guarded.yaml', '--lock-image-digests')
    const auth = Buffer.from('me:secret').toString('base64')
    writeFileSync(join(project, 'config.json'), JSON.stringify({ auths: { [guarded.host]: { auth } } }))
    const withLogin = run('guarded.yaml', '--lock-image-digests')
    await guarded.stop()
    expect(without.status).toBe(1)
    expect(without.stderr).toContain(`registry "${guarded.host}" does not show you image "${guarded.host}/app:1"`)
    expect(withLogin).toEqual({
      status: 0,
      stderr: '',
      stdout: `services:\n  web:\n    image: ${guarded.host}/app:1@${pushed.digest}\n`,
    })
  })
})

test('a registry that is no more than a fake is enough for the built program', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tscompose-digests-'))
  const headers = {
    'content-type': 'application/vnd.oci.image.index.v1+json',
    'docker-content-digest': digest,
  }
  const fake = await startFake(() => ({ headers }))
  writeFileSync(join(directory, 'compose.yaml'), `services: { web: { image: "${fake.host}/app" } }\n`)
  const options = { cwd: directory, env: { ...process.env, DOCKER_CONFIG: directory } }
  const said = await promisify(execFile)(program, ['config', '--lock-image-digests'], options)
  await fake.close()
  rmSync(directory, { recursive: true })
  expect(said).toEqual({
    stdout: `services:\n  web:\n    image: ${fake.host}/app:latest@${digest}\n`,
    stderr: '',
  })
})

const compose = (host: string) => `name: app
services:
  web:
    image: ${host}/app
    environment: { PRICE: $$5 }
    volumes:
      - { type: image, source: "${host}/team/db:15", target: /data }
  db:
    image: ${host}/team/db:15-all
  built:
    build: .
  hidden:
    image: "${host}/app:gone"
    profiles: [hidden]
`
