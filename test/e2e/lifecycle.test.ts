// The everyday verbs on a small project: what runs, what is shown, what comes back after a stop, and that nothing stays after down.
import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { slowness } from '../support/pace.ts'
import { eventually, mustRun, program, start, stateEnvironment, tscompose } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: lifecycle
services:
  web:
    image: busybox
    command: ["sh", "-c", "echo hello from $$HOSTNAME; echo complaint >&2; trap 'exit 0' TERM; while :; do sleep 0.1; done"]
    hostname: webhost
    environment: { COLOUR: blue }
  silent:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    scale: 2
  shell:
    image: busybox
    command: ["sh", "-c", "trap 'echo drawn anew' WINCH; while :; do sleep 0.1; done"]
    tty: true
    stdin_open: true
    stop_grace_period: 0s
    profiles: [terminal]
`

describe.runIf(privileged)('everyday verbs', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose }, (here) =>
    mustRun(['--profile', 'terminal', 'down', '-v', '-t', '0'], here),
  )

  /** What a terminal gets of `tscompose LINE`, typed into once something has been drawn. */
  function atTerminal(line: string, keys: string): Promise<string> {
    const environment = { ...process.env, ...stateEnvironment() }
    const child = spawn('script', ['-qec', `stty rows 20 cols 70; '${program}' ${line}`, '/dev/null'], {
      cwd: here.cwd,
      env: environment,
    })
    let shown = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text
      if (shown.includes('anew')) child.stdin.end(keys)
    })
    return new Promise((resolve) => child.on('close', () => resolve(shown)))
  }

  test('up -d returns with everything running, and ps shows it', async () => {
    const up = await mustRun(['up', '-d'], here)
    expect(up.stdout).toBe('')
    expect(up.stderr).toMatch(/Network lifecycle_default +Created/)
    expect(up.stderr).toMatch(/Container lifecycle-web-1 +Started/)
    const ps = await mustRun(['ps', '--format', 'json'], here)
    const rows = ps.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { Name: string; State: string; Service: string })
    expect(rows.map((row) => [row.Name, row.Service, row.State])).toEqual([
      ['lifecycle-silent-1', 'silent', 'running'],
      ['lifecycle-silent-2', 'silent', 'running'],
      ['lifecycle-web-1', 'web', 'running'],
    ])
    const table = await mustRun(['ps'], here)
    expect(table.stdout.split('\n')[0]).toMatch(/^NAME +IMAGE +COMMAND +SERVICE +CREATED +STATUS +PORTS$/)
    expect(table.stdout).toMatch(/lifecycle-web-1 +busybox +"sh -c 'echo hello f…" +web +/)
  })

  test('a second up changes nothing', async () => {
    await mustRun(['up', '-d'], here)
    const first = await mustRun(['ps', '-q'], here)
    const again = await mustRun(['up', '-d'], here)
    expect(again.stderr).toMatch(/Container lifecycle-web-1 +Running/)
    expect((await mustRun(['ps', '-q'], here)).stdout).toBe(first.stdout)
  })

  test('a command waits for another at work on the project, and says for which', async () => {
    await mustRun(['up', '-d', 'silent'], here)
    const first = tscompose(['stop', '-t', '3', 'silent'], here)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const second = await mustRun(['start', 'silent'], here)
    expect(second.stderr).toMatch(
      /^warning: waiting for "tscompose stop -t 3 silent" \(process \d+\) to finish with project "lifecycle"/,
    )
    expect((await first).code).toBe(0)
    expect((await mustRun(['ps', '-q', 'silent'], here)).stdout.trim().split('\n')).toHaveLength(2)
  })

  test('logs carry both streams with a prefix', async () => {
    await mustRun(['up', '-d', 'web'], here)
    const text = await eventually('both lines', async () => {
      const { stdout } = await mustRun(['logs', 'web'], here)
      return stdout.includes('complaint') ? stdout : undefined
    })
    expect(text).toContain('web-1  | hello from webhost\n')
    expect(text).toContain('web-1  | complaint\n')
  })

  test('exec -T passes input, output, environment and the exit code', async () => {
    await mustRun(['up', '-d', 'web'], here)
    const cat = await mustRun(['exec', '-T', 'web', 'cat'], { ...here, input: 'through the pipe\n' })
    expect(cat.stdout).toBe('through the pipe\n')
    const failing = await tscompose(['exec', '-T', '-e', 'MORE=yes', 'web', 'sh', '-c', 'echo $COLOUR $MORE; exit 7'], {
      cwd: here.cwd,
    })
    expect(failing).toMatchObject({ code: 7, stdout: 'blue yes\n' })
    expect((await tscompose(['exec', '-T', 'web', 'no-such-program'], here)).code).toBe(127)
  })

  test('a program at a terminal draws it as it is told to, line feeds without carriage returns too', async () => {
    await mustRun(['up', '-d', 'web'], here)
    const shown = await atTerminal('exec web sh -c "echo one; stty -opost; echo two; echo three"', '')
    expect(shown).toContain('one\r\ntwo\nthree\n')
  })

  test('attach shows again what stands there, and the detach keys leave it with a code of 1', async () => {
    await mustRun(['up', '-d', 'shell'], here)
    const shown = await atTerminal('attach shell; echo "left with $?"', '\u0010\u0011')
    expect(shown).toMatch(/drawn anew\r\n.*read escape sequence\r\nleft with 1/s)
    expect((await mustRun(['ps', 'shell'], here)).stdout).toContain('Up ')
  })

  test.each([
    ['left with the detach keys', '', '\u0010\u0011', /read escape sequence\r\nleft with 1/],
    ['whose client is killed', `</dev/tty & sleep ${2 * slowness}; kill -KILL $!; wait $!`, '', /left with 137/],
  ])('an exec at a terminal that is %s goes on', async (_, ending, keys, shown) => {
    await mustRun(['up', '-d', 'web'], here)
    const beat = 'rm -f /tmp/beats; while sleep 0.05; do echo anew; echo >>/tmp/beats; done'
    expect(await atTerminal(`exec web sh -c "${beat}" ${ending}; echo "left with $?"`, keys)).toMatch(shown)
    const beats = async () =>
      Number.parseInt((await mustRun(['exec', '-T', 'web', 'wc', '-l', '/tmp/beats'], here)).stdout, 10)
    const before = await beats()
    await eventually('another beat', async () => ((await beats()) > before ? true : undefined))
  })

  test('SIGUSR1 opens no debugger', async () => {
    await mustRun(['up', '-d', 'silent'], here)
    const child = start(['logs', '-f', 'silent'], here)
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
    })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    child.kill('SIGUSR1')
    await new Promise((resolve) => setTimeout(resolve, 500))
    const ended = new Promise((resolve) => child.on('close', resolve))
    child.kill('SIGINT')
    await ended
    expect(said).not.toContain('Debugger')
  })

  test('stop keeps the container and start brings it back', async () => {
    await mustRun(['up', '-d', 'web'], here)
    const [id] = (await mustRun(['ps', '-q', 'web'], here)).stdout.split('\n')
    await mustRun(['stop', 'web'], here)
    expect((await mustRun(['ps'], here)).stdout).not.toContain('lifecycle-web-1')
    expect((await mustRun(['ps', '-a'], here)).stdout).toMatch(/lifecycle-web-1 .*Exited \(0\)/)
    await mustRun(['start', 'web'], here)
    expect((await mustRun(['ps', '-q', 'web'], here)).stdout.split('\n')[0]).toBe(id)
  })

  test('a killed CLI harms nothing, and the next up converges', async () => {
    for (const afterMs of [40, 60, 80, 100, 120, 150, 200]) {
      const child = start(['up', '-d'], here)
      const ended = new Promise((resolve) => child.on('close', resolve))
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      child.kill('SIGKILL')
      await ended
      await mustRun(['up', '-d'], here)
      const rows = (await mustRun(['ps', '--status', 'running', '-q'], here)).stdout.trim().split('\n')
      expect(rows).toHaveLength(3)
      expect((await mustRun(['ps', '-a', '-q'], here)).stdout.trim().split('\n')).toHaveLength(3)
      await mustRun(['down', '-t', '0'], here)
    }
  })

  test('attached up shows prefixed logs on the streams they were written to, and Ctrl-C stops gracefully', async () => {
    const child = start(['up', 'web'], here)
    const said = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text
      })
    }
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    await eventually('the first line', async () => (said.stderr.includes('complaint') ? true : undefined))
    expect(said.stdout).toMatch(/^Attaching to web-1\nweb-1 {2}\| hello from webhost/)
    expect(said.stderr).not.toMatch(/Starting|Started/)
    expect(said.stderr).toContain('web-1  | complaint\n')
    expect(said.stdout).not.toContain('complaint')
    child.kill('SIGINT')
    await ended
    expect((await mustRun(['ps', '-a', '--format', 'json'], here)).stdout).toContain('"State":"exited"')
  })
})
