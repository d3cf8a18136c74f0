// `config` with its flags, one by one and together, as Docker Compose takes them.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import Config from '../../src/commands/config.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { runCommand } from '../support/run-command.ts'

const compose = `
name: app
services:
  web:
    image: nginx
    env_file: [web.env]
    environment: { FROM_OUTSIDE: , OWN: "1" }
    pre_start: [{ image: init, command: [x] }, { command: [y] }]
    models: [llm]
  db: { image: mariadb, profiles: [late, early] }
  tool: { build: . }
models:
  llm: { model: ai/smollm2 }
volumes: { unused: }
`
let directory = ''

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tscompose-config-'))
  writeFileSync(join(directory, 'compose.yaml'), compose)
  writeFileSync(join(directory, 'web.env'), 'FROM_FILE=2\n')
  writeFileSync(
    join(directory, 'clash.yaml'),
    'services: { a: { image: x, container_name: same }, b: { image: x, container_name: same } }',
  )
  writeFileSync(join(directory, 'lacks.yaml'), 'services: { a: { image: x, env_file: nowhere.env } }')
  vi.stubEnv('FROM_OUTSIDE', 'outside')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})

const configOf = (file: string, ...words: readonly string[]) =>
  runCommand(Config, ['--file', join(directory, file), ...words], createFakeDriver({ images: [] }))
const config = (...words: readonly string[]) => configOf('compose.yaml', ...words)
const sorted = (text: string) => text.trimEnd().split('\n').sort()

describe('--variables', () => {
  const file = 'variables.yaml'
  beforeAll(() => {
    const image = `"x:\${TAG:-1}"`
    const environment = `{ A: "\${A:?must}", B: "\${B:+alt}", C: "\${C-\${D:-d}}", E: $$E, F: $F }`
    writeFileSync(join(directory, file), `services: { a: { image: ${image}, environment: ${environment} } }`)
  })

  test('tells each variable with what stands in for it', async () => {
    const { exitCode, stdout, stderr } = await configOf(file, '--variables')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.split('\n').map((line) => line.split(/ +/).slice(0, 4))).toEqual([
      ['NAME', 'REQUIRED', 'DEFAULT', 'VALUE'],
      ['A', 'true', ''],
      ['B', 'false', 'alt'],
      ['C', 'false', `\${D:-d}`, ''],
      ['D', 'false', 'd', ''],
      ['F', 'false', ''],
      ['TAG', 'false', '1', ''],
      [''],
    ])
  })

  test('speaks JSON and YAML too', async () => {
    const { stdout: json } = await configOf(file, '--variables', '--format', 'json')
    expect(JSON.parse(json)).toMatchObject({
      TAG: { Name: 'TAG', DefaultValue: '1', PresenceValue: '', Required: false },
    })
    const { stdout: yaml } = await configOf(file, '--variables', '--format', 'yaml')
    expect(yaml).toContain('TAG:\n    name: TAG\n    defaultvalue: "1"\n')
  })
})

describe('a list', () => {
  test.each([
    ['services', ['tool', 'web']],
    ['volumes', ['']],
    ['networks', ['default']],
    ['models', ['ai/smollm2']],
    ['profiles', ['early', 'late']],
    ['images', ['app-tool', 'init', 'nginx']],
  ])('of %s', async (name, expected) => {
    const { exitCode, stdout, stderr } = await config(`--${name}`)
    expect({ exitCode, stderr, lines: sorted(stdout) }).toEqual({ exitCode: 0, stderr: '', lines: expected })
  })

  test('of images can be of some services', async () => {
    expect((await config('--images', 'db')).stdout).toBe('mariadb\n')
  })

  test.each([['--images'], ['--profiles'], ['--environment']])(
    '%s of a service that is not there fails',
    async (flag) => {
      expect(await config(flag, 'nope')).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringContaining('no such service: nope'),
      })
    },
  )

  test.each([['--services'], ['--volumes'], ['--networks'], ['--models']])(
    '%s is of the whole project, whatever is named',
    async (flag) => {
      expect(await config(flag, 'nope')).toEqual(await config(flag))
    },
  )

  test('of services is of the whole model without interpolation', async () => {
    expect((await config('--services', '--no-interpolate')).stdout).toBe('db\ntool\nweb\n')
  })

  test('comes in one order of preference when several are asked for', async () => {
    expect((await config('--images', '--hash', '*', '--services')).stdout).toBe('tool\nweb\n')
    expect((await config('--images', '--hash', 'tool')).stdout).toMatch(/^tool [0-9a-f]{64}\n$/)
    expect((await config('--environment', '--images', '--profiles')).stdout).toBe('early\nlate\n')
  })

  test('needs neither env files nor containers that can be made', async () => {
    expect((await configOf('lacks.yaml', '--images')).stdout).toBe('x\n')
    expect((await configOf('clash.yaml', '--services')).stdout).toBe('a\nb\n')
    expect(sorted((await configOf('clash.yaml', '--hash', '*')).stdout)).toHaveLength(2)
    expect((await configOf('clash.yaml')).stderr).toContain('[container-name-taken]')
    expect((await configOf('clash.yaml', '--no-consistency')).exitCode).toBe(0)
  })

  test('is printed in spite of --quiet and --output and any format, the environment in spite of no --quiet', async () => {
    const elsewhere = join(directory, 'list.txt')
    const flags = ['--services', '--quiet', '--output', elsewhere, '--format', 'xml']
    expect(await config(...flags)).toEqual({ exitCode: 0, stdout: 'tool\nweb\n', stderr: '' })
    expect(statSync(elsewhere, { throwIfNoEntry: false })).toBeUndefined()
    expect((await config('--environment')).stdout).toContain('FROM_OUTSIDE=outside\n')
    expect(await config('--environment', '--quiet')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })
})

describe('--hash', () => {
  test('takes names and wildcards, each service once', async () => {
    const all = (await config('--hash', '*')).stdout
    expect(all).toMatch(/^tool [0-9a-f]{64}\nweb [0-9a-f]{64}\n$/)
    expect((await config('--hash', 'web,t*,web')).stdout).toBe(all)
    expect((await config('--hash', '*', 'nope')).stdout).toBe(all)
  })

  test.each([
    ['nope', 'there are'],
    ['web,nope', 'there are'],
    ['db', 'its profile is not active: add --profile late'],
  ])('%s fails', async (names, hint) => {
    const { exitCode, stdout, stderr } = await config('--hash', names)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain(`error: no such service: ${names.split(',').at(-1)} [no-such-service]\n  hint: ${hint}`)
  })
})

describe('the project', () => {
  test('is YAML unless a format is named, and can only be YAML or JSON', async () => {
    const { stdout } = await config()
    expect((await config('--format', '')).stdout).toBe(stdout)
    expect((await config('--format', 'yaml')).stdout).toBe(stdout)
    expect(JSON.parse((await config('--format', 'json')).stdout)).toMatchObject({ name: 'app' })
    const { exitCode, stderr } = await config('--format', 'JSON', '--quiet')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('error: unsupported format "JSON"')
  })

  test('is checked and not printed with --quiet', async () => {
    const file = join(directory, 'quiet.yaml')
    expect(await config('--quiet', '--output', file)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
    expect((await configOf('lacks.yaml', '--quiet')).exitCode).toBe(1)
  })

  test('goes to a file with --output, which keeps its mode if it is there', async () => {
    const file = join(directory, 'out.yaml')
    const { stdout } = await config()
    expect(await config('-o', file)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(readFileSync(file, 'utf8')).toBe(stdout)
    expect(statSync(file).mode & 0o777).toBe(0o666 & ~process.umask())
    chmodSync(file, 0o600)
    await config('--output', file, '--format', 'json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ name: 'app' })
    expect((await config('-o', '')).stdout).toBe(stdout)
  })

  test('says so where the file cannot be written', async () => {
    const nowhere = join(directory, 'nowhere', 'out.yaml')
    expect(await config('--output', nowhere)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining(`error: "${nowhere}" can't be written (ENOENT)`),
    })
  })

  test('can be of some services, but not without interpolation', async () => {
    expect((await config('db')).stdout).not.toContain('nginx')
    const { stdout, stderr } = await config('--no-interpolate', 'db')
    expect(stdout).toBe((await config('--no-interpolate')).stdout)
    expect(stderr).toContain('warning: naming services has no effect with --no-interpolate')
  })

  test('has its env files read, normalised or not, unless that is not wanted', async () => {
    const environmentOf = async (...words: readonly string[]) => {
      const { services } = JSON.parse((await config('--format', 'json', ...words)).stdout)
      return { environment: services.web.environment, env_file: services.web.env_file }
    }
    const all = { FROM_FILE: '2', FROM_OUTSIDE: 'outside', OWN: '1' }
    expect(await environmentOf()).toEqual({ environment: all })
    expect(await environmentOf('--no-normalize')).toEqual({ environment: all })
    const file = { path: join(directory, 'web.env') }
    expect(await environmentOf('--no-env-resolution')).toEqual({
      environment: { FROM_OUTSIDE: 'outside', OWN: '1' },
      env_file: [file],
    })
    expect(await environmentOf('--no-env-resolution', '--no-normalize')).toEqual({
      environment: { FROM_OUTSIDE: null, OWN: '1' },
      env_file: [file],
    })
  })
})
