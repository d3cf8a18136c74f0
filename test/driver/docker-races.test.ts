/** What a driver makes of a daemon whose ports are taken by somebody else between choice and start; the daemon is one of ours, that says so. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDockerDriver } from '../../src/driver/docker/docker-driver.ts'

const TAKEN = 'driver failed programming external connectivity: Bind for 0.0.0.0:8000 failed: port is already allocated'

describe('a port that somebody else has taken meanwhile', () => {
  let folder = ''
  let server: Server
  let starts = 0
  const signal = AbortSignal.timeout(30_000)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tscompose-races-'))
    starts = 0
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true })
  })

  async function driverFor({ published, losses }: { readonly published: string; readonly losses: number }) {
    const inspected = {
      Id: 'c1',
      Name: '/app-web-1',
      Config: {},
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: published }] } },
      State: { Status: 'created' },
      NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8001' }] } },
    }
    server = createServer(({ url = '' }, response) => {
      const say = (status: number, value: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      }
      if (url.startsWith('/_ping')) return void response.setHeader('api-version', '1.51').end('OK')
      if (url.includes('/json')) return say(200, inspected)
      starts += 1
      if (starts <= losses) return say(500, { message: TAKEN })
      return void response.writeHead(204).end()
    })
    const socketPath = join(folder, 'daemon.sock')
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    return openDockerDriver({ env: { DOCKER_HOST: `unix://${socketPath}` } })
  }

  test.each(['', '8000-8010'])('is chosen anew where it was the daemon\'s choice: "%s"', async (published) => {
    const driver = await driverFor({ published, losses: 3 })
    expect(await driver.startContainer('c1', signal)).toMatchObject([{ published: 8001, target: 80 }])
    expect(starts).toBe(4)
  })

  test('is an error at once where it was the only one', async () => {
    const driver = await driverFor({ published: '8000', losses: 1 })
    await expect(driver.startContainer('c1', signal)).rejects.toMatchObject({ code: 'port-taken' })
    expect(starts).toBe(1)
  })

  test('is an error in the end', async () => {
    const driver = await driverFor({ published: '8000-8001', losses: Number.POSITIVE_INFINITY })
    await expect(driver.startContainer('c1', signal)).rejects.toMatchObject({ code: 'port-taken' })
    expect(starts).toBe(5)
  })
})
