// Names, published ports, and the walls between projects, with a real nginx.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { eventually, mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

const execute = promisify(execFile)

const nginx = `
events {}
http {
  resolver 127.0.0.11 valid=1s;
  server {
    listen 80;
    location / { set $upstream http://backend:8000; proxy_pass $upstream; }
  }
}
`
const compose = `
name: netone
services:
  web:
    image: nginx
    ports: ["18081:80", "127.0.0.1:18082:80"]
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
    networks: [front, back]
  backend:
    image: busybox
    command: ["sh", "-c", "mkdir -p /www; echo backend speaking > /www/index.html; exec httpd -f -p 8000 -h /www"]
    networks:
      back: { aliases: [api.internal] }
    stop_grace_period: 0s
  stranger:
    image: busybox
    command: sleep 1000
    networks: [front]
    stop_grace_period: 0s
networks: { front: {}, back: {} }
`
const other = `
name: nettwo
services:
  client:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
`

describe.runIf(privileged)('the network of a project', () => {
  useImages('busybox', 'nginx')
  let cwd = ''
  let second = ''
  let before: Awaited<ReturnType<typeof takeSnapshot>>

  beforeEach(async () => {
    before = await takeSnapshot()
    cwd = writeProject(mkdtempSync(join(tmpdir(), 'tsc-e2e-')), { 'compose.yaml': compose, 'nginx.conf': nginx })
    second = writeProject(mkdtempSync(join(tmpdir(), 'tsc-e2e-')), { 'compose.yaml': other })
    await mustRun(['up', '-d'], { cwd })
  })
  afterEach(async () => {
    await mustRun(['down', '-v', '-t', '1'], { cwd })
    await mustRun(['down', '-v', '-t', '1'], { cwd: second })
    for (const directory of [cwd, second]) rmSync(directory, { recursive: true })
    await expectNothingLeft(before)
  })

  const inside = (service: string, ...argv: string[]) => tscompose(['exec', '-T', service, ...argv], { cwd })

  test("published ports answer on 127.0.0.1, ::1 and the host's addresses, through nginx to a name found by 127.0.0.11", async () => {
    const own = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)
    const hosts = ['127.0.0.1', '[::1]', ...(own ? [own.address] : [])]
    for (const host of hosts) {
      const text = await eventually(`an answer on ${host}`, async () => {
        const response = await fetch(`http://${host}:18081/`)
        return response.ok ? response.text() : undefined
      })
      expect(text).toBe('backend speaking\n')
    }
  })

  test('a port published on 127.0.0.1 answers only there', async () => {
    await eventually('an answer', async () => ((await fetch('http://127.0.0.1:18082/')).ok ? true : undefined))
    await expect(fetch('http://[::1]:18082/')).rejects.toThrow()
  })

  test("up tells where ports are published, which is where the network's option says when they name no address", async () => {
    const option = 'com.docker.network.bridge.host_binding_ipv4'
    const projectOf = (address: string): string => `
name: nettwo
services:
  web:
    image: busybox
    command: httpd -f -p 80
    ports: ["18083:80", "127.0.0.2:18084:80"]
    stop_grace_period: 0s
networks: { default: { driver_opts: { ${option}: "${address}" } } }
`
    writeProject(second, { 'compose.yaml': projectOf('not an address') })
    const refused = await tscompose(['up', '-d'], { cwd: second })
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(`${option}: not an address" is no IPv4`),
    ])
    writeProject(second, { 'compose.yaml': projectOf('127.0.0.1') })
    const { stderr } = await mustRun(['up', '-d'], { cwd: second })
    expect(stderr).toContain('Started 127.0.0.1:18083->80/tcp, 127.0.0.2:18084->80/tcp\n')
    await expect(fetch('http://[::1]:18083/')).rejects.toThrow()
    await expect(fetch('http://127.0.0.2:18083/')).rejects.toThrow()
    expect((await fetch('http://127.0.0.1:18083/')).status).toBe(404)
    expect((await mustRun(['port', 'web', '80'], { cwd: second })).stdout).toMatch(/^127\.0\.0\.[12]:1808[34]\n$/)
  })

  test('service names, container names and aliases resolve on shared networks only', async () => {
    for (const name of ['backend', 'netone-backend-1', 'api.internal']) {
      expect((await inside('web', 'getent', 'hosts', name)).stdout).toMatch(/^172\.\d+\.\d+\.\d+ /)
    }
    expect((await inside('stranger', 'nslookup', 'web')).stdout).toContain('127.0.0.11')
    expect((await inside('stranger', 'ping', '-c', '1', '-W', '1', 'backend')).code).not.toBe(0)
    expect((await inside('stranger', 'ping', '-c', '1', '-W', '1', 'web')).code).toBe(0)
  })

  test('another project reaches published ports and nothing else', async () => {
    await mustRun(['up', '-d'], { cwd: second })
    const client = (line: string) => tscompose(['exec', '-T', 'client', 'sh', '-c', line], { cwd: second })
    // Not `printf … | nc`: that closes its side at once, and nginx drops a request it is still passing on when the client has left.
    const ask = async (address: string) => (await client(`timeout 2 wget -qO- http://${address}/`)).stdout
    for (const address of (await inside('web', 'hostname', '-i')).stdout.trim().split(/\s+/)) {
      expect(await ask(`${address}:80`)).toBe('')
    }
    const gateway = (await client("ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p'")).stdout.trim()
    const answer = await eventually('the published port', async () => (await ask(`${gateway}:18081`)) || undefined)
    expect(answer).toContain('backend speaking\n')
  })

  test('containers reach the outside by masquerade, and the outside reaches published ports only', async () => {
    // A network namespace without a name, so that nothing is mounted for it on the host.
    const outside = spawn('unshare', ['-n', 'sleep', '300'])
    const pid = String(outside.pid)
    const ip = (...argv: string[]) => execute('ip', argv)
    const there = (...argv: string[]) => execute('nsenter', ['-t', pid, '-n', ...argv])
    try {
      await eventually('another network namespace', async () => {
        const [own, other] = [readlinkSync('/proc/self/ns/net'), readlinkSync(`/proc/${pid}/ns/net`)]
        return own === other ? undefined : other
      })
      await ip('link', 'add', 'e2ehost0', 'type', 'veth', 'peer', 'name', 'e2eout0', 'netns', pid)
      await ip('addr', 'add', '198.51.100.1/24', 'dev', 'e2ehost0')
      await ip('link', 'set', 'e2ehost0', 'up')
      await there('ip', 'addr', 'add', '198.51.100.2/24', 'dev', 'e2eout0')
      await there('ip', 'link', 'set', 'e2eout0', 'up')
      // The outside knows no way back to the containers: only masqueraded packets are answered.
      expect(await inside('stranger', 'ping', '-c', '1', '-W', '2', '198.51.100.2')).toMatchObject({ code: 0 })
      const get = (url: string) => there('curl', '-s', '-m', '3', url)
      const answer = await eventually(
        'an answer',
        async () => (await get('http://198.51.100.1:18081/')).stdout || undefined,
      )
      expect(answer).toBe('backend speaking\n')
      await there('ip', 'route', 'add', '172.16.0.0/12', 'via', '198.51.100.1')
      const address = (await inside('web', 'hostname', '-i')).stdout.trim().split(/\s+/)[0]
      await expect(get(`http://${address}/`)).rejects.toThrow()
    } finally {
      await ip('link', 'del', 'e2ehost0').catch(() => {})
      outside.kill('SIGKILL')
    }
  })
})
