/** The digests Docker Compose writes on what it makes: a container made by it must be recognised. */
import { expect, test } from 'vitest'
import { networkHash, serviceHash, volumeHash } from '../../src/model/hash.ts'
import { loadFiles } from '../support/load-text.ts'

test("a service with two networks has the digest of Docker Compose's own tests", () => {
  expect(serviceHash({ networks: { b: { priority: 100 }, a: { priority: 10 } } })).toMatch(/^8dbce408.*1bd84b8$/)
})

test('what needs no new container does not change the digest', () => {
  const plain = serviceHash({ image: 'nginx', deploy: { mode: 'global' } })
  const changed = serviceHash({
    image: 'nginx',
    build: { context: '/a' },
    pull_policy: 'always',
    scale: 3,
    depends_on: { db: { condition: 'service_started', required: true } },
    profiles: ['debug'],
    deploy: { mode: 'global', replicas: 3 },
  })
  expect(changed).toBe(plain)
})

test('everything else does', () => {
  const digests = [
    {},
    { image: 'a' },
    { image: 'b' },
    { command: [] },
    { environment: { A: null } },
    { environment: { A: '' } },
  ].map(serviceHash)
  expect(new Set(digests).size).toBe(digests.length)
})

test('angle brackets and ampersands are escaped as Go escapes them', () => {
  expect(serviceHash({ command: ['<&>'] })).toBe('5feb6e522e42f28c8e2a29d51a5f5942310a76aa8e7070f66d8426873ae5c6ad')
})

test('a volume without a driver is one of the local driver', () => {
  expect(volumeHash({ name: 'p_data' })).toBe(volumeHash({ name: 'p_data', driver: 'local' }))
  expect(networkHash({ name: 'p_default' })).not.toBe(networkHash({ name: 'p_default', internal: true }))
})

test('an env file without a path is no obstacle to a digest, which looks into no file', () => {
  const options = { skip: new Set(['env-resolution'] as const) }
  const { project } = loadFiles({ 'compose.yaml': '{services: {a: {image: x, env_file: [""]}}}' }, options)
  expect(serviceHash(project.services.a ?? {})).toMatch(/^[\da-f]{64}$/)
})
