// Images as they are written to images that can't change.
import { afterEach, expect, test } from 'vitest'
import { pinImages } from '../../src/runtime/image/registry/pins.ts'
import { type FakeServer, startFake } from '../support/fake-registry.ts'

const digest = `sha256:${'a'.repeat(64)}`
let registry: FakeServer | undefined
afterEach(() => registry?.close())

async function registryOf(...images: readonly string[]): Promise<FakeServer> {
  const known = new Set(images.map((one) => `/v2/${one.replace(':', '/manifests/')}`))
  const headers = {
    'content-type': 'application/vnd.oci.image.manifest.v1+json',
    'docker-content-digest': digest,
  }
  registry = await startFake(({ path }) => (known.has(path) ? { headers } : { status: 404 }))
  return registry
}

const options = { env: { DOCKER_CONFIG: '/nowhere' }, signal: new AbortController().signal }

test('each image is asked about once, however many names it goes by', async () => {
  const { host, lines } = await registryOf('app:latest', 'team/db:15')
  const pins = await pinImages([`${host}/app`, `${host}/app:latest`, `${host}/app`, `${host}/team/db:15`], options)
  expect([...pins]).toEqual([
    [`${host}/app`, `${host}/app:latest@${digest}`],
    [`${host}/app:latest`, `${host}/app:latest@${digest}`],
    [`${host}/team/db:15`, `${host}/team/db:15@${digest}`],
  ])
  expect([...lines()].sort()).toEqual(['GET /v2/', 'HEAD /v2/app/manifests/latest', 'HEAD /v2/team/db/manifests/15'])
})

test('what has a digest is written in full, without asking and without its tag', async () => {
  const pins = await pinImages([`nginx@${digest}`, `me/app:1@${digest}`, `127.0.0.1:1/app:1@${digest}`], options)
  expect([...pins.values()]).toEqual([
    `docker.io/library/nginx@${digest}`,
    `docker.io/me/app@${digest}`,
    `127.0.0.1:1/app@${digest}`,
  ])
})

test('one that fails says why, and does not stand in the way of the others', async () => {
  const { host } = await registryOf('app:1')
  const pins = await pinImages([`${host}/app:1`, `${host}/nope:1`, 'UPPER', 'a.example:99999/x'], options)
  expect(pins.get(`${host}/app:1`)).toBe(`${host}/app:1@${digest}`)
  expect(pins.get(`${host}/nope:1`)).toMatchObject({ code: 'image-not-found' })
  expect(pins.get('UPPER')).toMatchObject({ code: 'bad-reference' })
  expect(pins.get('a.example:99999/x')).toMatchObject({
    message: '"a.example:99999" can\'t be the address of a registry',
  })
})
