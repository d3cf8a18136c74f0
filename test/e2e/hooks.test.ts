import { describe, expect, test } from 'vitest'
import { mustRun, tscompose } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: hooked
services:
  web:
    image: busybox
    command: [sh, -c, "sleep 1000"]
    init: true
    stop_grace_period: 1s
    environment: { A: service, B: service }
    volumes: [data:/data]
    pre_start:
      - command: [sh, -c, "echo prepare $$A $$B $$(pwd) >>/data/log"]
        environment: { A: hook }
        working_dir: /tmp
    post_start:
      - command: [sh, -c, "echo start $$A $$B $$(id -u) $$(pwd) >>/data/log"]
        user: "0"
        environment: { B: hook }
        working_dir: /data
      - command: [sh, -c, "test -e /data/broken && echo it is broken && exit 3; echo started >>/data/log"]
    pre_stop:
      - command: [sh, -c, "echo stop >>/data/log; test ! -e /data/stuck"]
  proxy: { image: busybox, command: sleep 1000, init: true, stop_grace_period: 1s, depends_on: [web] }
  tool: { image: busybox, profiles: [tool], volumes: [data:/data] }
volumes: { data: {} }
`

describe.runIf(privileged)('hooks', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose }, async (here) => {
    await mustRun(['kill'], here).catch(() => {})
    await mustRun(['down', '-v', '-t', '0', '--remove-orphans'], here)
  })

  const inWeb = async (line: string): Promise<string> =>
    (await mustRun(['exec', '-T', 'web', 'sh', '-c', line], here)).stdout
  const log = (): Promise<string> => inWeb('cat /data/log; : >/data/log')

  test('are run around every start and stop, with their own user, variables and directory', async () => {
    await mustRun(['up', '-d'], here)
    expect(await log()).toBe('prepare hook service /tmp\nstart service hook 0 /data\nstarted\n')
    await mustRun(['restart', 'web'], here)
    expect(await log()).toBe('stop\nstart service hook 0 /data\nstarted\n')
    await mustRun(['stop', 'web'], here)
    await mustRun(['start', 'web'], here)
    expect(await log()).toBe('stop\nstart service hook 0 /data\nstarted\n')
    await mustRun(['up', '-d', '--force-recreate', 'web'], here)
    expect(await log()).toBe('stop\nprepare hook service /tmp\nstart service hook 0 /data\nstarted\n')
    expect((await mustRun(['ps', '-aq'], here)).stdout.trim().split('\n')).toHaveLength(2)
  })

  test('a post_start that fails keeps dependents from starting, and says what it said', async () => {
    await mustRun(['run', '--rm', 'tool', 'touch', '/data/broken'], here)
    const { code, stderr } = await tscompose(['up', '-d'], here)
    expect(code).toBe(1)
    expect(stderr).toContain('web hook exited with status 3')
    expect(stderr).toContain('it is broken')
    expect((await mustRun(['ps', '-a', '--format', '{{.Name}} {{.State}}'], here)).stdout).toBe(
      'hooked-proxy-1 created\nhooked-web-1 running\n',
    )
  })

  test('a pre_stop that fails leaves the container running, and kill does not ask it', async () => {
    await mustRun(['up', '-d'], here)
    await inWeb('touch /data/stuck')
    const { code, stderr } = await tscompose(['stop', 'web'], here)
    expect([code, stderr]).toEqual([1, expect.stringContaining('web hook exited with status 1')])
    expect((await mustRun(['ps', '--format', '{{.Name}}', 'web'], here)).stdout).toBe('hooked-web-1\n')
    await mustRun(['kill', 'web'], here)
    expect((await mustRun(['ps', '--format', '{{.Name}}', 'web'], here)).stdout).toBe('')
  })
})
