import { describe, expect, test } from 'vitest'
import { eventually, mustRun, tscompose, writeProject } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: planned
services:
  db:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    healthcheck: { test: "true", interval: 100ms }
    volumes: [data:/data]
    environment: { A: "1" }
    mem_limit: 64m
  web:
    image: busybox
    command: ["sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done"]
    stop_grace_period: 0s
    depends_on: { db: { condition: service_healthy } }
    configs: [{ source: site, target: /site }]
    labels: { colour: blue }
volumes: { data: {} }
configs: { site: { content: "hello" } }
`

describe.runIf(privileged)('plan and apply', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose }, async (here) => {
    writeProject(here.cwd, { 'compose.yaml': compose })
    await mustRun(['down', '-v', '-t', '0', '--remove-orphans'], here)
  })

  const plan = (...words: readonly string[]) => tscompose(['plan', ...words], here)
  const names = async (): Promise<string> => (await mustRun(['ps', '--format', '{{.Name}}'], here)).stdout

  test('a plan right after up is empty, and so is one after apply', async () => {
    expect((await plan()).code).toBe(2)
    await mustRun(['up', '-d'], here)
    expect(await plan()).toMatchObject({ code: 0, stdout: 'nothing to do\n', stderr: '' })
    writeProject(here.cwd, { 'compose.yaml': compose.replace('blue', 'red').replace('A: "1"', 'A: "2"') })
    const changed = await plan('-o', 'kept.json')
    expect(changed.code).toBe(2)
    expect(changed.stdout).toContain(
      '~ update container planned-web-1, because services.web.labels.colour changed: blue -> red (compose.yaml:18:23)\n',
    )
    expect(changed.stdout).toContain(
      '-/+ recreate container planned-db-1, because services.db.environment.A changed: 1 -> 2 (compose.yaml:10:23)\n',
    )
    await mustRun(['apply', 'kept.json'], here)
    expect((await plan()).code).toBe(0)
    expect((await mustRun(['exec', '-T', 'web', 'cat', '/site'], here)).stdout).toBe('hello')
  })

  test('another restart policy and other labels are given to the container that runs', async () => {
    await mustRun(['up', '-d'], here)
    const ids = (await mustRun(['ps', '-q'], here)).stdout
    const text = compose
      .replace('colour: blue }', 'colour: red, size: big }\n    restart: always\n    pids_limit: 40')
      .replace('mem_limit: 64m', 'mem_limit: 128m')
    writeProject(here.cwd, { 'compose.yaml': text })
    expect((await plan()).stdout).toBe(
      '  ~ update container planned-db-1, because services.db.mem_limit changed: 67108864 -> 134217728 (compose.yaml:11:16)\n' +
        '  ~ update container planned-web-1, because services.web.labels.colour changed: blue -> red, as did labels.size, pids_limit, restart (compose.yaml:18:23)\n' +
        'plan: 2 to change\n',
    )
    expect((await mustRun(['up', '-d'], here)).stderr).toContain('Container planned-web-1  Updated\n')
    expect((await mustRun(['ps', '-q'], here)).stdout).toBe(ids)
    expect((await plan()).code).toBe(0)
    const stats = ['stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}']
    expect((await mustRun(stats, here)).stdout).toMatch(/planned-db-1 .* \/ 128MiB/)
    expect((await mustRun(['ps', 'web', '--format', '{{.Labels}}'], here)).stdout).toMatch(/colour=red.*size=big/)
    const starts = async (): Promise<number> => {
      const { stdout } = await mustRun(['events', '--since', '5m', '--until', '0s', 'web'], here)
      return stdout.match(/ container start /g)?.length ?? 0
    }
    const before = await starts()
    await mustRun(['exec', '-T', 'web', 'kill', '1'], here)
    await eventually('its return', async () => ((await starts()) > before ? true : undefined))
  })

  test('a plan is made from nothing as well, and done as it was seen', async () => {
    await plan('-o', 'kept.json')
    writeProject(here.cwd, { 'compose.yaml': 'name: planned\nservices: {}\n' })
    await mustRun(['apply', 'kept.json'], here)
    expect(await names()).toBe('planned-db-1\nplanned-web-1\n')
    const again = await tscompose(['apply', 'kept.json'], here)
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('the plan does not fit any more: container "planned-')
  })

  test('scale follows what it is told, and plan knows that it has', async () => {
    await mustRun(['scale', 'web=2'], here)
    expect(await names()).toBe('planned-db-1\nplanned-web-1\nplanned-web-2\n')
    expect((await plan()).stdout).toContain('- remove container planned-web-2, because scale 2 -> 1')
    expect((await plan('--scale', 'web=2')).code).toBe(0)
    await mustRun(['scale', '--no-deps', 'web=0'], here)
    expect(await names()).toBe('planned-db-1\n')
  })

  test('ls shows the project while something of it runs, and volumes what it has made', async () => {
    await mustRun(['up', '-d'], here)
    expect((await mustRun(['ls'], here)).stdout).toMatch(/^planned +running\(2\) +\/.*\/compose\.yaml$/m)
    expect((await mustRun(['volumes'], here)).stdout).toBe('DRIVER    VOLUME NAME\nlocal     planned_data\n')
    expect((await mustRun(['volumes', '-q', 'web'], here)).stdout).toBe('')
    const { stdout: mountpoint } = await mustRun(['volumes', '--format', '{{.Mountpoint}}', 'db'], here)
    expect(mountpoint).toMatch(/\/volumes\/planned_data\/_data\n$/)
    await mustRun(['stop'], here)
    expect((await mustRun(['ls', '-q'], here)).stdout).not.toContain('planned')
    expect((await mustRun(['ls', '-a'], here)).stdout).toMatch(/^planned +exited\(2\) /m)
  })
})
