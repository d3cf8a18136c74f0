import { expect, test } from 'vitest'
import type { ObservedContainer } from '../../src/driver/driver.ts'
import { containerColumns } from '../../src/view/container-columns.ts'
import { statusText, summarize } from '../../src/view/container-summary.ts'
import { renderRows } from '../../src/view/template.ts'

const now = Date.UTC(2026, 10, 21, 10, 0, 0)
const web: ObservedContainer = {
  containerId: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  containerName: 'app-web-1',
  image: 'nginx:1.27',
  imageId: 'sha256:00',
  labels: { 'com.docker.compose.project': 'app', 'com.docker.compose.service': 'web' },
  status: 'running',
  exitCode: 0,
  oomKilled: false,
  createdAtMs: now - 120_000,
  startedAtMs: now - 5_000,
  finishedAtMs: 0,
  restartCount: 0,
  argv: ['sh', '-c', 'echo hello from the other side'],
  ports: [{ hostIp: '0.0.0.0', published: 8080, target: 80, protocol: 'tcp' }],
  endpoints: [{ networkName: 'app_default', networkId: '1', aliases: [] }],
  mounts: [{ kind: 'volume', name: 'app_data', source: '/x', target: '/data', readOnly: false }],
  tty: false,
  keepsLog: true,
}

test.each([
  [{}, 'Up 5 seconds'],
  [{ health: 'healthy' }, 'Up 5 seconds (healthy)'],
  [{ health: 'starting' }, 'Up 5 seconds (health: starting)'],
  [{ unresponsive: true, health: 'healthy' }, 'Up 5 seconds (unresponsive)'],
  [{ startedAtMs: now - 500 }, 'Up Less than a second'],
  [{ startedAtMs: now - 61_000 }, 'Up About a minute'],
  [{ startedAtMs: now - 3_600_000 }, 'Up About an hour'],
  [{ startedAtMs: now - 3 * 86_400_000 }, 'Up 3 days'],
  [{ status: 'paused' }, 'Up 5 seconds (Paused)'],
  [{ status: 'created' }, 'Created'],
  [{ status: 'exited', exitCode: 137, finishedAtMs: now - 120_000 }, 'Exited (137) 2 minutes ago'],
  [{ status: 'restarting', exitCode: 1, finishedAtMs: now - 1_000 }, 'Restarting (1) 1 second ago'],
] as const)('%j is %s', (change, expected) => {
  expect(statusText({ ...web, ...change }, now)).toBe(expected)
})

const rows = [{ ...summarize(web, { truncate: true, nowMs: now }) }]

test('the table is aligned as by Docker', () => {
  expect(renderRows(rows, '', containerColumns)).toBe(
    `NAME        IMAGE        COMMAND                  SERVICE   CREATED         STATUS         PORTS
app-web-1   nginx:1.27   "sh -c 'echo hello f…"   web       2 minutes ago   Up 5 seconds   0.0.0.0:8080->80/tcp
`,
  )
  expect(renderRows([], '', containerColumns)).toBe(
    'NAME      IMAGE     COMMAND   SERVICE   CREATED   STATUS    PORTS\n',
  )
})

test('JSON is one object for each line, with the keys of Docker Compose', () => {
  const text = renderRows(rows, 'json', containerColumns)
  expect(text.endsWith('\n')).toBe(true)
  expect(Object.keys(JSON.parse(text))).toEqual(
    'Command CreatedAt ExitCode Health ID Image Labels LocalVolumes Mounts Name Names Networks Ports Project Publishers RunningFor Service Size State Status'.split(
      ' ',
    ),
  )
  expect(JSON.parse(text)).toMatchObject({
    Name: 'app-web-1',
    ID: '0123456789ab',
    State: 'running',
    CreatedAt: '2026-11-21 09:58:00 +0000 UTC',
    Publishers: [{ URL: '0.0.0.0', TargetPort: 80, PublishedPort: 8080, Protocol: 'tcp' }],
  })
  expect(text).toContain('\\u003e80/tcp')
})

test('a template picks fields', () => {
  expect(renderRows(rows, '{{.Name}} {{json .State}}', containerColumns)).toBe('app-web-1 "running"\n')
  expect(renderRows(rows, 'table {{.Service}}\\t{{.ID}}', containerColumns)).toBe(
    'SERVICE   CONTAINER ID\nweb       0123456789ab\n',
  )
  expect(() => renderRows(rows, '{{.Nope}}', containerColumns)).toThrow('there is no field ".Nope"')
  expect(() => renderRows(rows, '{{range .Names}}x{{end}}', containerColumns)).toThrow('iterate over')
})
