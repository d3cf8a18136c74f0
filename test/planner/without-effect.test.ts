import { expect, test } from 'vitest'
import { loadProject } from '../../src/model/load.ts'
import type { Plan } from '../../src/planner/plan.ts'
import { planFor } from '../support/bring-up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { optionsOver } from '../support/load-files.ts'

const POOR = {
  platforms: false,
  securityLabels: false,
  logOptions: new Map([['json-file', ['max-size']]]),
  networkOptions: ['mtu'],
}

async function planOf(text: string, limits: Partial<FakeDriver['limits']> = {}): Promise<Plan> {
  const { project } = loadProject(optionsOver({ 'compose.yaml': text }, { projectName: 'app' }))
  const driver = createFakeDriver({ images: ['busybox'] })
  Object.assign(driver, { limits: { ...driver.limits, ...limits } })
  return await planFor(project, driver)
}

const told = ({ warnings }: Plan): readonly string[] =>
  warnings.map(({ code, message, hint, at }) => {
    expect([code, hint]).toEqual(['attribute-without-effect', expect.stringMatching(/./)])
    return `${at?.line}:${at?.column} ${message}`
  })

const web = (lines: string, rest = ''): string =>
  `services:\n  web:\n    image: busybox\n${lines.replaceAll(/^/gm, '    ')}\n${rest}`

test.each([
  ['an attribute', 'use_api_socket: true', '4:21 "use_api_socket" of service "web" has no effect'],
  ['a list', 'external_links: [other]', '4:5 "external_links" of service "web" has no effect'],
  ['what Windows knows', 'isolation: default', '4:16 "isolation" of service "web" has no effect'],
  [
    'what Swarm knows',
    'deploy: {placement: {max_replicas_per_node: 2}}',
    '4:14 "deploy.placement" of service "web" has no effect',
  ],
  ['a mode of Swarm', 'deploy: {mode: global}', '4:20 "deploy.mode" of service "web" has no effect'],
  [
    'a part of a mount',
    'volumes: ["/a:/a", {type: bind, source: /b, target: /b, consistency: cached}]',
    '4:74 "volumes.1.consistency" of service "web" has no effect',
  ],
  [
    'a part of a network',
    'networks: {default: {link_local_ips: [169.254.1.1]}}',
    '4:26 "networks.default.link_local_ips" of service "web" has no effect',
  ],
])('%s that no spec can hold is named with its place', async (_, lines, expected) => {
  expect(told(await planOf(web(lines)))).toEqual([expected])
})

test('what has an effect, or the value it has anyway, is not named', async () => {
  const text = web(
    'restart: always\nports: ["80:80"]\ndeploy: {mode: replicated, resources: {limits: {cpus: "1"}}}\nvolumes: ["/a:/a"]\nlogging: {options: {max-size: 1m}}\nsecurity_opt: ["label=disable"]\nplatform: linux/other',
    'networks: {default: {driver_opts: {mtu: "1400"}}}\n',
  )
  expect(told(await planOf(text))).toEqual([])
})

test('what the driver does nothing with is named too', async () => {
  const text = web(
    'logging: {options: {max-size: 1m, tag: x}}\nsecurity_opt: ["no-new-privileges", "label=disable"]\nvolumes: ["/a:/a:z"]\nplatform: linux/other',
    'networks: {default: {driver_opts: {mtu: "1400", name: x}}}\n',
  )
  expect(told(await planOf(text, POOR))).toEqual([
    '8:55 "driver_opts.name" of network "default" has no effect',
    '5:41 "security_opt.1" of service "web" has no effect',
    '6:15 "volumes.0.bind.selinux" of service "web" has no effect',
    '4:44 "logging.options.tag" of service "web" has no effect',
    '7:15 "platform" of service "web" has no effect',
  ])
})

test.each([
  ['networks: {default: {attachable: true}}', '5:34 "attachable" of network "default" has no effect'],
  ['networks: {default: {enable_ipv4: false}}', '5:35 "enable_ipv4" of network "default" has no effect'],
  [
    'networks: {default: {ipam: {config: [{subnet: 10.9.0.0/24, aux_addresses: {a: 10.9.0.5}}]}}}',
    '5:60 "ipam.config.0.aux_addresses" of network "default" has no effect',
  ],
])('a network: %s', async (lines, expected) => {
  expect(told(await planOf(web('tty: true', `${lines}\n`)))).toEqual([expected])
})

test('a refusal does not hide the warnings', async () => {
  await expect(planOf(web('use_api_socket: true\nports: ["80/sctp"]'))).rejects.toMatchObject({
    diagnostics: [{ code: 'attribute-without-effect' }, { code: 'unsupported' }],
  })
})

test('a limit that the kernel does not know is named', async () => {
  const text = web('mem_swappiness: 10\noom_kill_disable: true\ncpu_shares: 5')
  expect(told(await planOf(text))).toEqual([])
  const withoutResources = ['memorySwappiness', 'oomKillDisable'] as const
  expect(told(await planOf(text, { ...POOR, withoutResources }))).toEqual([
    '4:21 "mem_swappiness" of service "web" has no effect',
    '5:23 "oom_kill_disable" of service "web" has no effect',
  ])
})
