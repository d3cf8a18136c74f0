// The old and the new value of what has changed, as plans tell them.
import { expect, test } from 'vitest'
import type { Service } from '../../src/model/project.ts'
import { FIELDS_LABEL } from '../../src/planner/fields.ts'
import { renderPlan } from '../../src/view/plan.ts'
import { planFor, up } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { projectOf } from '../support/projects.ts'

async function reason(before: Partial<Service>, after: Partial<Service>): Promise<string> {
  const driver = createFakeDriver({ images: ['busybox'] })
  await up(projectOf({ services: { web: before } }), driver)
  const [line = ''] = renderPlan(await planFor(projectOf({ services: { web: after } }), driver)).split('\n')
  return line.replace(/^.*because services[.]web[.]/, '').replace(/ [(]compose[.]yaml:3:5[)]$/, '')
}

test.each<readonly [string, Partial<Service>, Partial<Service>, string]>([
  [
    'a variable',
    { environment: { MODE: 'a;b=c,d' } },
    { environment: { MODE: 'green' } },
    'environment.MODE changed: a;b=c,d -> green',
  ],
  ['a variable that is new', {}, { environment: { MODE: 'green' } }, 'environment.MODE added: green'],
  ['a variable that is gone', { environment: { MODE: 'x' } }, {}, 'environment.MODE removed: x'],
  [
    'entries of a list',
    { cap_add: ['KILL', 'CHOWN'] },
    { cap_add: ['KILL', 'NET_RAW', 'SYS_TIME'] },
    'cap_add changed: CHOWN -> NET_RAW, SYS_TIME',
  ],
  [
    'an entry that is new in a list',
    { dns: ['1.1.1.1'] },
    { dns: ['1.1.1.1', '9.9.9.9'] },
    'dns changed: nothing -> 9.9.9.9',
  ],
  [
    'a published port',
    { ports: [{ target: 80, published: '8080' }] },
    { ports: [{ target: 80, published: '8081', host_ip: '127.0.0.1' }] },
    'ports changed: 8080:80 -> 127.0.0.1:8081:80',
  ],
  [
    'a mount',
    { volumes: [{ type: 'bind', source: '/a', target: '/data' }] },
    { volumes: [{ type: 'bind', source: '/b', target: '/data', read_only: true }] },
    'volumes changed: /a:/data -> /b:/data:ro',
  ],
  [
    'the words of a command, in their order',
    { command: ['serve', '--fast'] },
    { command: ['--fast', 'a b'] },
    'command changed: serve --fast -> --fast "a b"',
  ],
  [
    'an option of the kernel',
    { sysctls: { 'net.core.somaxconn': '1' } },
    { sysctls: { 'net.core.somaxconn': '2' } },
    'sysctls.net.core.somaxconn changed: 1 -> 2',
  ],
])('%s is told as it was and as it is', async (_, before, after, expected) => {
  expect(await reason(before, after)).toBe(expected)
})

test.each<readonly [string, Partial<Service>, Partial<Service>, string]>([
  [
    'by its name',
    { environment: { DB_PASSWORD: 'hunter2' } },
    { environment: { DB_PASSWORD: 'hunter3' } },
    'environment.DB_PASSWORD changed',
  ],
  [
    'by its form',
    { environment: { DB: 'postgres://me:hunter2@db/x' } },
    { environment: { DB: 'postgres://me:hunter3@db/x' } },
    'environment.DB changed',
  ],
  [
    'among the words of a command',
    { command: ['x', '--password=hunter2'] },
    { command: ['x', '--password=hunter3'] },
    'command changed',
  ],
  [
    'because it is long',
    { environment: { A: 'hunter2'.repeat(20) } },
    { environment: { A: 'hunter3'.repeat(20) } },
    'environment.A changed',
  ],
])('what may be a secret %s is told nowhere, and not on the label', async (_, before, after, expected) => {
  expect(await reason(before, after)).toBe(expected)
  const driver = createFakeDriver({ images: ['busybox'] })
  await up(projectOf({ services: { web: before } }), driver)
  const [container] = driver.everything().containers
  expect(container?.labels[FIELDS_LABEL]).not.toContain('hunter')
})
