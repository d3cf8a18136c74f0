// The program as a user meets it: streams, exit codes, help and mistakes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

const program = fileURLToPath(new URL('../../bin/tscompose', import.meta.url))
let project = ''

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'tscompose-program-'))
  writeFileSync(join(project, 'compose.yaml'), 'services:\n  web: { image: nginx }\n')
  writeFileSync(join(project, 'old.yaml'), 'version: "3"\nservices:\n  web: { image: nginx }\n')
  writeFileSync(join(project, 'bad.yaml'), 'services:\n  web:\n    imagee: nginx\n')
})
afterAll(() => rmSync(project, { recursive: true }))

const run = (...args: readonly string[]) => runIn({}, ...args)

function runIn(variables: NodeJS.ProcessEnv, ...args: readonly string[]) {
  const { NO_COLOR: _, ...environment } = { ...process.env, ...variables }
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, env: environment, encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('version', () => {
  const { version } = packageJson
  test.each([
    [['version'], `tscompose version v${version}\n`],
    [['-v'], `tscompose version v${version}\n`],
    [['--version'], `tscompose version v${version}\n`],
    [['version', '--short'], `${version}\n`],
    [['version', '-f', 'json'], `{"version":"v${version}"}\n`],
    [['-f', 'elsewhere.yaml', 'version', '--short'], `${version}\n`],
  ])('%j', (args, stdout) => {
    expect(run(...args)).toEqual({ status: 0, stdout, stderr: '' })
  })
})

describe('help goes to stdout and is a success', () => {
  test.each([[['--help']], [['-h']], [['help']], [[]]])('of the program: %j', (args) => {
    const { status, stdout, stderr } = run(...args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: {2}tscompose \[OPTIONS\] COMMAND\n/)
    expect(stdout).toMatch(/\n {2}config +Parse, resolve and render compose file in canonical format\n/)
  })

  test.each([[['config', '--help']], [['config', '-h']], [['help', 'config']], [['--help', 'config']]])(
    'of a command: %j',
    (args) => {
      const { status, stdout, stderr } = run(...args)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(/^Usage: {2}tscompose config \[OPTIONS\] \[SERVICE\.\.\.\]\n\nParse, resolve/)
    },
  )
})

describe('a mistake on the command line goes to stderr and fails with 1', () => {
  test.each([
    [
      ['nope'],
      'unknown command: "nope"\n\nUsage:  tscompose [OPTIONS] COMMAND\n\nRun \'tscompose --help\' for more information\n',
    ],
    [
      ['--nope', 'config'],
      "unknown flag: --nope\n\nUsage:  tscompose [OPTIONS] COMMAND\n\nRun 'tscompose --help' for more information\n",
    ],
    [
      ['config', '--nope'],
      "unknown flag: --nope\n\nUsage:  tscompose config [OPTIONS] [SERVICE...]\n\nRun 'tscompose config --help' for more information\n",
    ],
    [
      ['version', 'more'],
      "accepts no arguments\n\nUsage:  tscompose version [OPTIONS]\n\nRun 'tscompose version --help' for more information\n",
    ],
  ])('%j', (args, stderr) => {
    expect(run(...args)).toEqual({ status: 1, stdout: '', stderr })
  })

  test('a flag that takes one of a few words says which', () => {
    const { status, stderr } = run('--ansi=blue', 'config')
    expect(status).toBe(1)
    expect(stderr).toContain('invalid argument "blue" for "--ansi" flag: it takes one of never, always, auto')
  })

  test('a flag that does not work yet is refused, not ignored', () => {
    expect(run('--compatibility', 'config')).toMatchObject({ status: 1, stdout: '' })
    expect(run('--compatibility', 'config').stderr).toContain('error: --compatibility is not supported yet')
  })
})

describe('a mistake in a file', () => {
  test('is shown where it is', () => {
    const { status, stdout, stderr } = run('-f', 'bad.yaml', 'config')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^bad\.yaml:3:5: error: .*"imagee".*\n {6}imagee: nginx\n {6}\^+\n/)
  })

  test('is coloured only when that was asked for, or on a terminal', () => {
    const colour = '\u001b['
    expect(run('-f', 'bad.yaml', 'config').stderr).not.toContain(colour)
    expect(run('--ansi', 'always', '-f', 'bad.yaml', 'config').stderr).toContain(colour)
  })

  test('is JSON with --progress json', () => {
    const { stderr } = run('--progress', 'json', '-f', 'bad.yaml', 'config')
    expect(JSON.parse(stderr)).toMatchObject({ error: true, message: expect.stringContaining('imagee') })
  })

  test('is JSON where the answer would have been', () => {
    const { status, stdout, stderr } = run('-f', 'bad.yaml', 'config', '--format', 'json')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'unknown-key',
      file: 'bad.yaml',
      line: 3,
      column: 5,
      endColumn: 11,
    })
  })

  test('is told to GitHub besides', () => {
    const { status, stderr } = runIn({ GITHUB_ACTIONS: 'true' }, '-f', 'bad.yaml', 'config')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^bad\.yaml:3:5: error: /)
    expect(stderr).toContain('\n::error file=bad.yaml,line=3,col=5,title=unknown-key::unknown key "imagee"')
  })
})

describe('a warning', () => {
  test('is JSON beside a JSON answer', () => {
    const { status, stdout, stderr } = run('-f', 'old.yaml', 'config', '--format', 'json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toHaveProperty('services')
    expect(JSON.parse(stderr)).toMatchObject({
      severity: 'warning',
      code: 'obsolete-version',
      file: 'old.yaml',
      line: 1,
    })
  })

  test('is told to GitHub besides', () => {
    const { stderr } = runIn({ GITHUB_ACTIONS: 'true' }, '-f', 'old.yaml', 'config')
    expect(stderr).toMatch(
      /^old\.yaml:1:1: warning: [\s\S]*\n::warning file=old\.yaml,line=1,col=1,title=obsolete-version::/,
    )
  })
})

test('a command is found by its former name', () => {
  expect(run('convert', '--services')).toEqual({ status: 0, stdout: 'web\n', stderr: '' })
  expect(run('--help').stdout).not.toContain('convert')
})

test('global flags may stand before the command or after it', () => {
  const expected = { status: 0, stdout: 'web\n', stderr: '' }
  expect(run('-f', 'compose.yaml', 'config', '--services')).toEqual(expected)
  expect(run('config', '--services', '-f', 'compose.yaml')).toEqual(expected)
  expect(run('--file=compose.yaml', '--project-directory', '.', 'config', '--services', '-p', 'other')).toEqual(
    expected,
  )
})

test('a closed pipe is no reason to complain', () => {
  const script = `'${program}' config | true; echo \${PIPESTATUS[0]}`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: project, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^0\n$/)
})
