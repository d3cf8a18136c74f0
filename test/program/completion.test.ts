// The scripts of the shells that are here, sourced by those, on the built program.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin', import.meta.url))
let project = ''

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'tscompose-completion-'))
  writeFileSync(
    join(project, 'compose.yaml'),
    'services:\n  web: { image: x }\n  db: { image: x }\n  tool: { image: x, profiles: [debug] }\n',
  )
})
afterAll(() => rmSync(project, { recursive: true }))

function run(program: string, args: readonly string[]): { readonly lines: readonly string[]; readonly stderr: string } {
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
  const { stdout, stderr } = spawnSync(program, args, { cwd: project, env, encoding: 'utf8', timeout: 60_000 })
  return { lines: stdout.split('\n').filter((line) => line !== ''), stderr }
}

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0

test('complete answers with the services of the project that the line names', () => {
  expect(run('tscompose', ['complete', '--', 'up', '']).lines).toEqual(['db', 'tool', 'web'])
  writeFileSync(join(project, 'other.yaml'), 'services: { lone: { image: x } }\n')
  expect(run('tscompose', ['complete', '--', '-f', 'other.yaml', 'up', '']).lines).toEqual(['lone'])
  expect(run('tscompose', ['complete', '--next', '--', '--profile']).lines).toEqual(['debug'])
})

test('complete keeps silent about a project that is broken', () => {
  writeFileSync(join(project, 'broken.yaml'), 'services: [')
  expect(run('tscompose', ['complete', '--', '-f', 'broken.yaml', 'up', ''])).toEqual({ lines: [], stderr: '' })
})

describe.runIf(has('bash'))('bash', () => {
  /** As readline calls it: words are broken at blanks, `=` and `:`. */
  function completed(line: string): readonly string[] {
    const words = line.split(/\s+|(?<==)|(?==)|(?<=:)|(?=:)/).map((word) => `'${word}'`)
    const script = [
      'source <(tscompose completion bash)',
      `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${words.join(' ')}) COMP_CWORD=${words.length - 1}`,
      '_tscompose',
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]
    return run('bash', ['-c', script.join('\n')]).lines
  }

  test('offers commands, services and flags', () => {
    expect(completed('tscompose unp')).toEqual(['unpause'])
    expect(completed('tscompose up ')).toEqual(['db', 'tool', 'web'])
    expect(completed('tscompose up --renew')).toEqual(['--renew-anon-volumes'])
  })
  test('puts back only what is behind a sign that breaks words', () => {
    expect(completed('tscompose up --pull=mi')).toEqual(['missing'])
    expect(completed('tscompose up --pull=')).toEqual(['policy', 'always', 'missing', 'never'])
    expect(completed('tscompose scale w')).toEqual(['web='])
  })
  test('leaves files to itself', () => expect(completed('tscompose -f co')).toEqual([]))
})

describe.runIf(has('fish'))('fish', () => {
  test('offers services and flags', () => {
    const ask = (line: string) =>
      run('fish', ['--no-config', '-c', `tscompose completion fish | source; complete -C '${line}'`]).lines
    expect(ask('tscompose up ')).toEqual(['db', 'tool', 'web'])
    expect(ask('tscompose unp')).toEqual(['unpause\tUnpause services'])
  })
})

describe.runIf(has('zsh'))('zsh', () => {
  test('can read its script', () => {
    const { lines, stderr } = run('zsh', [
      '-f',
      '-c',
      'autoload -Uz compinit; compinit -D -u; source <(tscompose completion zsh); whence -w _tscompose',
    ])
    expect([lines, stderr]).toEqual([['_tscompose: function'], ''])
  })
})
