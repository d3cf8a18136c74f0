// One-off containers: what they are told, what is heard of them, and what becomes of them afterwards.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { slowness } from '../support/pace.ts'
import { eventually, mustRun, program, start, stateEnvironment, tscompose } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: oneoff
services:
  db:
    image: busybox
    command: ["sh", "-c", "sleep 0.5; touch /ready; sleep 1000"]
    stop_grace_period: 0s
    healthcheck: { test: test -f /ready, interval: 100ms, retries: 100 }
  web:
    image: busybox
    command: echo as written
    container_name: fixed
    restart: always
    ports: ["18473:80"]
    environment: { COLOUR: blue }
    stop_grace_period: 0s
    depends_on: { db: { condition: service_healthy } }
    networks: { default: { aliases: [wally] } }
`

interface Watched {
  readonly monitor: { readonly pid: number }
}

describe.runIf(privileged)('run', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose }, async (here) => {
    await mustRun(['kill'], here)
    await mustRun(['down', '-v', '-t', '0', '--remove-orphans'], here)
  })

  const run = (...words: readonly string[]) => tscompose(['run', ...words], here)
  const namesOf = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await mustRun(['ps', '--format', '{{.Name}}', ...words], here)
    return stdout.split('\n').filter((name) => name !== '')
  }

  const dataDir = () => stateEnvironment().TSCOMPOSE_DATA_DIR ?? ''
  /** What there is of containers on the disk, half made things too. */
  const left = (): readonly string[] =>
    ['containers', 'names/containers', 'volumes'].flatMap((folder) => readdirSync(join(dataDir(), folder)))
  const monitorOf = (id: string): number =>
    (JSON.parse(readFileSync(join(dataDir(), 'containers', id, 'state.json'), 'utf8')) as Watched).monitor.pid

  function atTerminal(line: string, keys: string, prompt: string): Promise<string> {
    const words = ['-qec', `stty rows 33 cols 101; '${program}' ${line}; echo "left with $?"`, '/dev/null']
    const child = spawn('script', words, { ...here, env: { ...process.env, ...stateEnvironment() } })
    let shown = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text
      if (shown.includes(prompt)) child.stdin.end(keys)
    })
    return new Promise((resolve) => child.on('close', () => resolve(shown)))
  }

  test('starts what the service depends on, waits for it, and ends with the exit code, each stream apart', async () => {
    const said = await run('web', 'sh', '-c', 'echo $COLOUR; echo complaint >&2; exit 3')
    expect(said).toMatchObject({ code: 3, stdout: 'blue\n' })
    expect(said.stderr).toMatch(/Container oneoff-db-1 +Started/)
    expect(said.stderr).toContain('Container oneoff-db-1  Healthy\ncomplaint\n')
    expect(await namesOf()).toEqual(['oneoff-db-1'])
    expect(await namesOf('-a')).toEqual(['oneoff-db-1', expect.stringMatching(/^oneoff-web-run-[0-9a-f]{12}$/)])
  })

  test('runs the command of the service where none is given, and with --rm nothing stays of it', async () => {
    expect(await run('--rm', '--no-deps', 'web')).toMatchObject({ code: 0, stdout: 'as written\n' })
    expect(await namesOf('-a')).toEqual([])
  })

  test('passes a pipe in until its end', async () => {
    const options = { ...here, input: 'through\nthe pipe\n' }
    expect(await tscompose(['run', '--rm', '--no-deps', 'web', 'cat'], options)).toMatchObject({
      code: 0,
      stdout: options.input,
    })
    const deaf = await tscompose(['run', '--rm', '--no-deps', '-i=false', 'web', 'cat'], options)
    expect(deaf).toMatchObject({ code: 0, stdout: '' })
  })

  test('gives the container what the flags say and the command line its own words', async () => {
    const flags = [
      '-e',
      'MORE=yes',
      '-e',
      'COLOUR=red',
      '-u',
      '1000',
      '-w',
      '/tmp',
      '-v',
      `${here.cwd}/compose.yaml:/here.yaml:ro`,
      '--entrypoint',
      'sh -c',
    ]
    const said = await run(
      '--rm',
      '--no-deps',
      ...flags,
      'web',
      'echo $COLOUR $MORE $(id -u) $(pwd); head -n 2 /here.yaml; cat; echo over',
    )
    expect(said.stdout).toBe('red yes 1000 /tmp\n\nname: oneoff\nover\n')
  })

  test('has neither the ports nor the names of its service unless it is asked to', async () => {
    await mustRun(['run', '-d', '--no-deps', '--name', 'plain', 'web', 'sleep', '1000'], here)
    await mustRun(
      ['run', '-d', '--no-deps', '--name', 'full', '--service-ports', '--use-aliases', 'web', 'sleep', '1000'],
      here,
    )
    const rows = await mustRun(['ps', '-a', '--format', '{{.Name}} {{.Ports}}'], here)
    expect(rows.stdout).toContain('plain \n')
    expect(rows.stdout).toMatch(/full .*18473->80\/tcp/)
    const { stdout } = await run(
      '--rm',
      '--no-deps',
      'db',
      'sh',
      '-c',
      'nslookup -type=a wally | grep -c "^Name"; ping -c1 -W1 plain >/dev/null && echo there',
    )
    expect(stdout).toBe('1\nthere\n')
  })

  test('-d prints the id and leaves it to itself; with --rm it is gone when it has ended', async () => {
    const { stdout } = await mustRun(
      ['run', '-d', '--rm', '--no-deps', '--name', 'brief', 'web', 'sleep', String(slowness)],
      {
        cwd: here.cwd,
      },
    )
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/)
    expect(await namesOf('-a')).toEqual(['brief'])
    await eventually('its end', async () => ((await namesOf('-a')).length === 0 ? true : undefined))
    expect((await run('-d', '--rm', '--no-deps', '--name', 'brief', 'web', 'true')).code).toBe(0)
  })

  test('of -d --rm nothing stays: no file, no name, no volume without one; and nothing of what could not start', async () => {
    const kept = left()
    const shell = ['--rm', '--no-deps', '--name', 'leaving', '-v', '/nameless', 'web', 'sh', '-c'] as const
    await mustRun(['run', '-d', ...shell, `echo >/nameless/file; mkdir -p /deep/er; sleep ${slowness}`], here)
    expect(left().length).toBe(kept.length + 3)
    await eventually('its end', async () => (left().length === kept.length ? true : undefined))
    expect(left()).toEqual(kept)
    const { stdout: id } = await mustRun(['run', '-d', ...shell, 'sleep 1000'], here)
    // Its monitor's keeper ends it.
    process.kill(monitorOf(id.trim()), 'SIGKILL')
    await eventually('its end', async () => (left().length === kept.length ? true : undefined))
    expect((await run('-d', '--rm', '--no-deps', '-v', '/nameless', 'web', 'no-such-program')).code).toBe(1)
    expect(left()).toEqual(kept)
  })

  test('signals are those of the program', async () => {
    const child = start(
      [
        'run',
        '--rm',
        '--no-deps',
        'web',
        'sh',
        '-c',
        'trap "echo caught; exit 7" INT; echo up; while :; do sleep 0.1; done',
      ],
      here,
    )
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (text.includes('up')) child.kill('SIGINT')
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, said]).toEqual([7, 'up\ncaught\n'])
  })

  test('a terminal measures what the user has from the first moment', async () => {
    expect(await atTerminal('run --rm --no-deps web stty size', '', 'left with')).toContain('33 101\r\n')
  })

  test('the detach keys leave it running, and it goes when it ends', async () => {
    const shown = await atTerminal(
      `run --rm --no-deps --name kept web sh -c "echo ready; sleep ${2 * slowness}"`,
      '\u0010\u0011',
      'ready',
    )
    expect(shown).toContain('left with 0')
    expect(await namesOf('-a')).toEqual(['kept'])
    await eventually('its end', async () => ((await namesOf('-a')).length === 0 ? true : undefined))
  })

  test('stop, rm, logs and down without --remove-orphans pass it over, kill and exec do not', async () => {
    await mustRun(['run', '-d', '--no-deps', '--name', 'lone', 'web', 'sh', '-c', 'echo words; sleep 1000'], here)
    expect((await mustRun(['exec', '-T', 'web', 'echo', 'inside'], here)).stdout).toBe('inside\n')
    await mustRun(['stop'], here)
    await mustRun(['rm', '-f'], here)
    expect((await mustRun(['logs'], here)).stdout).toBe('')
    expect((await mustRun(['down', '-t', '0'], here)).stderr).toContain('Resource is still in use')
    expect(await namesOf('-a')).toEqual(['lone'])
    await mustRun(['kill'], here)
    expect((await mustRun(['ps', '-a'], here)).stdout).toMatch(/lone .*Exited \(137\)/)
    await mustRun(['down', '--remove-orphans'], here)
    expect(await namesOf('-a')).toEqual([])
  })

  test('what can not be run says so, and leaves nothing with --rm', async () => {
    const said = await run('--rm', '--no-deps', 'web', 'no-such-program')
    expect(said.code).toBe(1)
    expect(said.stderr).toContain('"no-such-program": executable file not found in $PATH')
    expect(await namesOf('-a')).toEqual([])
    expect((await run('nobody')).stderr).toContain('no such service: nobody')
    expect((await run('-P', '-p', '80', 'web')).stderr).toContain('--service-ports and --publish are incompatible')
    expect((await run('-t', 'web')).stderr).toContain('the input device is not a TTY')
    expect((await run('-l', 'x', 'web')).stderr).toContain('label must be set as KEY=VALUE')
  })
})
