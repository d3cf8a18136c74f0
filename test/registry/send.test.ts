// What is sent to a registry: with which rights, to which host, and that mirrors are left alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseReference } from '../../src/runtime/image/reference.ts'
import { openClient, type SendRequest } from '../../src/runtime/image/registry/client.ts'
import { type Answering, type FakeServer, startFake } from '../support/fake-registry.ts'

let servers: FakeServer[] = []
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsc-send-'))
})
afterEach(async () => {
  await Promise.all(servers.map((one) => one.close()))
  servers = []
  rmSync(directory, { recursive: true })
})

async function fake(answer: Answering): Promise<FakeServer> {
  const server = await startFake(answer)
  servers.push(server)
  return server
}

const credential = { kind: 'password', username: 'me', password: 'secret' } as const
const client = (timeoutMs = 5_000) =>
  openClient({ credentials: async () => credential, signal: new AbortController().signal, timeoutMs })

const send = (host: string, request: Omit<SendRequest, 'maxBytes'>, timeoutMs?: number) =>
  client(timeoutMs).send(parseReference(`${host}/team/app:1`), { ...request, maxBytes: 1000 })

describe('what is sent to a registry', () => {
  test('is sent with a token for pushing, and for reading what is mounted', async () => {
    const tokens = await fake(() => ({ body: '{"token":"t0ken"}' }))
    const registry = await fake(({ headers }) =>
      headers.authorization === 'Bearer t0ken'
        ? { status: 201 }
        : { status: 401, headers: { 'www-authenticate': `Bearer realm="http://${tokens.host}/token",service="s"` } },
    )
    const path = 'blobs/uploads/?mount=sha256:0&from=other/app'
    expect(await send(registry.host, { method: 'POST', path, from: 'other/app' })).toMatchObject({ status: 201 })
    const asked = new URL(tokens.asked[0]?.path ?? '', 'http://x').searchParams
    expect(asked.getAll('scope')).toEqual(['repository:team/app:pull,push', 'repository:other/app:pull'])
    expect(registry.lines()).toEqual(['GET /v2/', `POST /v2/team/app/${path}`])
  })

  test('takes no credentials along to another host that the registry names', async () => {
    const storage = await fake(() => ({ status: 201 }))
    const registry = await fake(({ headers }) =>
      headers.authorization ? {} : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
    const file = join(directory, 'blob')
    writeFileSync(file, 'the whole of it')
    const part = { path: file, start: 4, bytes: 5, onBytes: () => undefined }
    const answer = await send(registry.host, { method: 'PUT', path: `http://${storage.host}/elsewhere`, body: part })
    expect(answer.status).toBe(201)
    expect(storage.asked).toMatchObject([{ method: 'PUT', path: '/elsewhere', body: 'whole' }])
    expect(storage.asked[0]?.headers.authorization).toBeUndefined()
  })

  test('is not waited for without end', async () => {
    const registry = await fake(({ path }) => (path === '/v2/' ? {} : undefined))
    const file = join(directory, 'blob')
    writeFileSync(file, 'x')
    const body = { path: file, start: 0, bytes: 1, onBytes: () => undefined }
    await expect(send(registry.host, { method: 'PATCH', path: 'blobs/uploads/1', body }, 50)).rejects.toMatchObject({
      code: 'image-unreachable',
      message: expect.stringContaining('no answer within 0.05 s'),
    })
  })
})
