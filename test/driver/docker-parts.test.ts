/** What can be said of the docker driver without a daemon. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { plainAgent, secureAgent, sshAgent } from '../../src/driver/docker/agent.ts'
import { createBody } from '../../src/driver/docker/create-body.ts'
import { findEndpoint } from '../../src/driver/docker/endpoint.ts'
import { compareVersions } from '../../src/driver/docker/engine.ts'
import { framesOf } from '../../src/driver/docker/frames.ts'
import { wholeLines } from '../../src/driver/docker/logs.ts'
import { observedContainer } from '../../src/driver/docker/observed.ts'
import { engineError } from '../../src/driver/docker/refusals.ts'
import { containerSpec } from '../support/container-spec.ts'

describe('a daemon', () => {
  let home = ''
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tscompose-docker-'))
  })
  afterEach(() => rmSync(home, { recursive: true }))

  test.each([
    ['unix:///run/d.sock', { kind: 'unix', socketPath: '/run/d.sock' }],
    ['tcp://build:2375', { kind: 'tcp', host: 'build', port: 2375, tls: undefined }],
    ['build', { kind: 'tcp', host: 'build', port: 2375 }],
    ['ssh://me@build:2222', { kind: 'ssh', target: 'me@build', port: '2222' }],
  ])('is where DOCKER_HOST says: %s', (host, endpoint) => {
    expect(findEndpoint({ HOME: home, DOCKER_HOST: host })).toMatchObject(endpoint)
  })
  test.each(['ftp://build', 'ssh://-oProxyCommand=x', 'tcp://'])('%s is no address', (host) => {
    expect(() => findEndpoint({ HOME: home, DOCKER_HOST: host })).toThrow('is no address of a Docker daemon')
  })
  test('with certificates is spoken to by TLS', () => {
    writeFileSync(join(home, 'ca.pem'), 'authority')
    const env = { HOME: home, DOCKER_HOST: 'tcp://build', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: home }
    expect(findEndpoint(env)).toMatchObject({ port: 2376, tls: { ca: Buffer.from('authority'), verify: true } })
  })
  test('is that of the context: by flag before DOCKER_HOST, which comes before DOCKER_CONTEXT and the chosen one', () => {
    const config = join(home, '.docker')
    for (const name of ['far', 'near']) {
      const folder = join(config, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'))
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: `unix:///${name}` } } }))
    }
    writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'far' }))
    const at = (env: object, flag?: string) => findEndpoint({ HOME: home, ...env }, flag).url
    expect(at({ DOCKER_HOST: 'unix:///here' }, 'near')).toBe('unix:///near')
    expect(at({ DOCKER_HOST: 'unix:///here', DOCKER_CONTEXT: 'near' })).toBe('unix:///here')
    expect(at({ DOCKER_CONTEXT: 'near' })).toBe('unix:///near')
    expect(at({})).toBe('unix:///far')
    expect(() => at({}, 'lost')).toThrow('there is no Docker context "lost"')
  })
})

// dockerode's transport writes its agent down at each call: with forty connections that took 40 ms of every call.
test.each([
  ['plain', plainAgent()],
  ['TLS', secureAgent()],
  ['ssh', sshAgent('build', '')],
])('connections are not written down at each call: %s', (_, agent) => {
  expect(inspect(agent, { showHidden: true, depth: null })).toBe('Agent')
})

test('versions are compared by their numbers', () => {
  expect(compareVersions('1.9', '1.44')).toBeLessThan(0)
  expect(compareVersions('1.51', '1.51')).toBe(0)
})

test('lines of a terminal are put together again, wherever the pieces end', async () => {
  const text = '2026-01-01T00:00:00.5Z one\r\n2026-01-01T00:00:01Z two'
  for (const length of [1, 7, 100]) {
    const pieces = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < text.length; at += length) yield Buffer.from(text.slice(at, at + length))
    }
    const whole: string[] = []
    for await (const piece of wholeLines(pieces())) whole.push(String(piece))
    expect(whole.join('')).toBe(text)
    expect(whole.at(-1)).toMatch(/two$/)
    expect(whole.slice(0, -1).every((piece) => piece.endsWith('\n'))).toBe(true)
  }
})

test('two streams come apart, wherever the pieces end', async () => {
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8)
    header[0] = stream
    header.writeUInt32BE(text.length, 4)
    return Buffer.concat([header, Buffer.from(text)])
  }
  const bytes = Buffer.concat([frame(1, 'out'), frame(2, ''), frame(2, 'complaint')])
  for (const length of [1, 3, 8, 100]) {
    const pieces = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
    }
    const heard: string[] = []
    for await (const { stream, data } of framesOf(pieces(), false)) heard.push(`${stream} ${data}`)
    expect(heard).toEqual(['stdout out', 'stderr ', 'stderr complaint'])
  }
})

describe('what a daemon says', () => {
  const said = (statusCode: number, message: string) =>
    engineError(Object.assign(new Error('x'), { statusCode, json: { message } }), { url: 'unix:///x' })
  test.each([
    [404, 'No such container: abc', 'container-not-found'],
    [409, 'Conflict. The container name "/app-web-1" is already in use by container "f"', 'name-in-use'],
    [500, 'driver failed: Bind for 0.0.0.0:80 failed: port is already allocated', 'port-taken'],
    [500, 'failed to bind host port for 127.0.0.1:80: address already in use', 'port-taken'],
    [400, 'failed: exec: "nope": executable file not found in $PATH: unknown', 'executable-not-found'],
    [403, 'error while removing network: network x has active endpoints (name:"a" id:"b")', 'network-in-use'],
    [400, 'client version 1.51 is too old. Minimum supported API version is 1.60', 'engine-unfit'],
    [500, 'something else', 'refused'],
  ])('%i %s has a code: %s', (status, message, code) => expect(said(status, message)).toMatchObject({ code }))
  test('is told by name where it only knows ids', () => {
    const message = 'Conflict. The container name "/app-web-1" is already in use by container "f"'
    expect(said(409, message)).toMatchObject({ message: 'a container named "app-web-1" exists already' })
  })
  test('nothing at all is an error of its own, with what to do', () => {
    const error = engineError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), { url: 'unix:///x' })
    expect(error).toMatchObject({ code: 'engine-unreachable', hint: expect.stringContaining('DOCKER_HOST') })
  })
})

test('where a network is told by its name alone, as Podman does, its id is not known', () => {
  const endpoint = { NetworkID: 'app_default', IPAddress: '10.0.0.2', Aliases: null }
  const found = { Id: 'c', Name: '/app-web-1', Config: {}, HostConfig: {}, State: {}, Mounts: [], Args: [] }
  const container = { ...found, NetworkSettings: { Networks: { app_default: endpoint } } } as never
  expect(observedContainer(container).endpoints).toMatchObject([{ networkName: 'app_default', networkId: '' }])
})

test('a container is asked for as the API takes it', () => {
  const endpoints = [
    { networkName: 'app_front', aliases: ['web'], ipv4Address: '10.0.0.2' },
    { networkName: 'app_back', aliases: ['web'], interfaceName: 'back0' },
  ]
  const spec = containerSpec({
    networkMode: { kind: 'networks', endpoints },
    ports: [
      { hostIp: '', published: { start: 0, end: 0 }, target: 80, protocol: 'tcp' },
      { hostIp: '127.0.0.1', published: { start: 8000, end: 8010 }, target: 80, protocol: 'tcp' },
    ],
    healthcheck: { test: ['CMD', 'true'], intervalMs: 200 },
    stopGraceMs: 1500,
    terminalSize: { rows: 50, columns: 132 },
    mounts: [
      { kind: 'bind', source: '/a', target: '/b', readOnly: true, createHostPath: true, selinux: 'z' },
      { kind: 'volume', volumeName: 'data', target: '/data', readOnly: false, noCopy: true },
      { kind: 'tmpfs', target: '/tmp', sizeBytes: 1024, mode: 0o1777 },
    ],
  })
  const body = createBody(spec, { allNetworks: true }) as Record<string, never>
  expect(body).toMatchObject({
    StopTimeout: 2,
    Healthcheck: { Test: ['CMD', 'true'], Interval: 200_000_000 },
    ExposedPorts: { '80/tcp': {} },
    NetworkingConfig: {
      EndpointsConfig: {
        app_front: { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.0.0.2' } },
        app_back: { DriverOpts: { 'com.docker.network.endpoint.ifname': 'back0' } },
      },
    },
    HostConfig: {
      NetworkMode: 'app_front',
      ConsoleSize: [50, 132],
      Binds: ['/a:/b:ro,z'],
      Tmpfs: { '/tmp': 'size=1024,mode=1777' },
      Mounts: [{ Type: 'volume', Source: 'data', Target: '/data', VolumeOptions: { NoCopy: true } }],
      PortBindings: {
        '80/tcp': [
          { HostIp: '', HostPort: '' },
          { HostIp: '127.0.0.1', HostPort: '8000-8010' },
        ],
      },
    },
  })
  const old = createBody(spec, { allNetworks: false }) as { NetworkingConfig: { EndpointsConfig: object } }
  expect(Object.keys(old.NetworkingConfig.EndpointsConfig)).toEqual(['app_front'])
})
