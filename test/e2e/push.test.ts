// Images to Debian's docker-registry, with TLS and a login: by commands, for projects, for several platforms, from registry to registry.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MEDIA, parseManifest } from '../../src/runtime/image/document.ts'
import { randomFrom } from '../fuzz/random.ts'
import { pushImage, type Registry, startRegistry, whyNoRegistry } from '../support/docker-registry.ts'
import { startFaulty } from '../support/faulty-registry.ts'
import { holdIndex } from '../support/remote-image.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

/** Of "me" with the password "secret". */
const LOGINS = 'me:$2a$04$qLWhr8TAecVEHtvS4EOPTeavl/2gm.5Tyfj9sYvtdFGqkQHPGBN4K\n'

describe.runIf(privileged && whyNoRegistry() === undefined)('a push', () => {
  useImages('busybox')
  let guarded: Registry
  let open: Registry
  let saved = ''
  let cwd = ''
  let environment: Record<string, string> = {}

  beforeAll(async () => {
    saved = mkdtempSync(join(tmpdir(), 'tsc-saved-'))
    await mustRun(['image', 'save', '-o', join(saved, 'busybox.tar'), 'busybox'], { cwd: saved })
    guarded = await startRegistry(LOGINS, { tls: true })
    open = await startRegistry()
  })
  afterAll(async () => {
    await guarded.stop()
    await open.stop()
    rmSync(saved, { recursive: true })
  })
  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-e2e-'))
    environment = environmentAt('state')
    await run('image', 'load', '-i', join(saved, 'busybox.tar'))
  })
  afterEach(() => rmSync(cwd, { recursive: true }))

  function environmentAt(state: string): Record<string, string> {
    return {
      TSCOMPOSE_DATA_DIR: join(cwd, state, 'data'),
      TSCOMPOSE_RUN_DIR: join(cwd, state, 'run'),
      DOCKER_CONFIG: join(cwd, 'docker'),
      XDG_CONFIG_HOME: join(cwd, 'config'),
    }
  }

  const run = (...words: readonly string[]) => tscompose(words, { cwd, environment })
  const login = (host: string) =>
    tscompose(['login', '-u', 'me', '--password-stdin', host], { cwd, environment, input: 'secret\n' })

  test('over TLS with a login brings an image to where others can run it', async () => {
    const image = `${guarded.host}/team/app:1`
    writeProject(cwd, {
      'compose.yaml': `
name: pushed
services:
  web: { image: "${image}", build: { context: ., tags: ["${guarded.host}/team/app:2"] }, command: echo it came through }
  bought: { image: redis }
`,
    })
    for (const tag of ['1', '2']) await run('image', 'tag', 'busybox', `${guarded.host}/team/app:${tag}`)
    expect(await run('push')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Error registry "${guarded.host}" does not let you push`),
    })
    await login(guarded.host)
    const { code, stderr } = await run('push')
    expect({ code, said: stderr.trimEnd().split('\n').toSorted() }).toEqual({
      code: 0,
      said: [
        ` Image ${guarded.host}/team/app:1  Pushed`,
        ` Image ${guarded.host}/team/app:1  Pushing`,
        ` Image ${guarded.host}/team/app:2  Pushed`,
        ` Image ${guarded.host}/team/app:2  Pushing`,
        ' bought  Skipped',
      ],
    })
    environment = environmentAt('elsewhere')
    writeProject(cwd, {
      'run.yaml': `name: pushed\nservices:\n  web: { image: "${image}", command: echo it came through }\n`,
    })
    const up = await run('-f', 'run.yaml', 'up')
    expect({ code: up.code, stdout: up.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('web-1  | it came through'),
    })
    expect((await run('-f', 'run.yaml', 'down')).code).toBe(0)
  })

  test('of a service whose image is not there fails, or is passed over where it is told so', async () => {
    writeProject(cwd, {
      'compose.yaml': `name: pushed\nservices:\n  web: { image: "${open.host}/gone:1", build: . }\n`,
    })
    const image = `"${open.host}/gone:1" is not there to be pushed`
    expect(await run('push', '-q')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(image) })
    expect(await run('push', '--ignore-push-failures')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(image),
    })
  })

  test('says what Docker says of it', async () => {
    const name = `${open.host}/words`
    for (const tag of ['latest', 'other']) await run('image', 'tag', 'busybox', `${name}:${tag}`)
    const { stdout } = await run('image', 'push', name)
    expect(stdout.split('\n')).toEqual([
      'Using default tag: latest',
      `The push refers to repository [${name}]`,
      expect.stringMatching(/^latest: digest: sha256:[a-f0-9]{64} size: \d+$/),
      '',
    ])
    const digest = /sha256:\S+/.exec(stdout)?.[0]
    expect((await run('image', 'push', '-q', name)).stdout).toBe(`${name}:latest\n`)
    const all = await run('image', 'push', '-a', name)
    expect(all.stdout.match(/^\w+: digest/gm)).toEqual(['latest: digest', 'other: digest'])
    const { stdout: lines } = await run('image', 'ls', '--digests', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}}')
    expect(lines.trimEnd().split('\n').toSorted()).toEqual([
      `${name}:latest ${digest}`,
      `${name}:other ${digest}`,
      'busybox:latest <none>',
    ])
    expect((await run('image', 'push', '-a', `${name}:other`)).stderr).toContain("tag can't be used with --all-tags/-a")
    expect((await run('image', 'push', `${name}@${digest}`)).stderr).toContain('cannot push a digest reference')
  })

  test('sends layers that are not compressed by gzip, once, and the image is the same on the way back', async () => {
    writeFileSync(join(cwd, 'file'), 'x'.repeat(1 << 20))
    execFileSync('tar', ['-C', cwd, '-cf', join(cwd, 'plain.tar'), 'file'])
    const image = `${open.host}/plain:1`
    const { stdout: imageId } = await run('image', 'import', join(cwd, 'plain.tar'), image)
    const pushed = await run('image', 'push', image)
    const answer = await fetch(`http://${open.host}/v2/plain/manifests/1`, { headers: { accept: MEDIA.manifest } })
    expect(pushed.stdout).toContain(`1: digest: ${answer.headers.get('docker-content-digest')} `)
    const [layer] = parseManifest(await answer.text()).layers
    expect(layer).toMatchObject({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' })
    expect(layer?.size).toBeLessThan(10_000)
    const again = await run('image', 'push', '--progress', 'json', image)
    expect(again.stdout).toBe(pushed.stdout)
    expect(again.stderr).toContain('"text":"Layer already exists"')
    expect(again.stderr).not.toMatch(/Compressing|"Pushed","current"/)
    expect((await run('image', 'pull', '-q', image)).code).toBe(0)
    environment = environmentAt('elsewhere')
    await run('image', 'pull', '-q', image)
    expect((await run('image', 'inspect', '-f', '{{.Id}}', image)).stdout).toBe(imageId)
    // The same layer in another image, in a store that has never compressed it.
    await run('image', 'rm', image)
    await run('image', 'import', '-c', 'LABEL other=yes', join(cwd, 'plain.tar'), `${open.host}/plain:2`)
    expect((await run('image', 'push', '--progress', 'json', `${open.host}/plain:2`)).stderr).toContain(
      '"text":"Layer already exists"',
    )
  })

  test('leaves as it is what a registry knows by its digest', async () => {
    const { digest } = await pushImage({ host: open.host, repository: 'known' }, '1', 'known')
    await run('image', 'pull', '-q', `${open.host}/known:1`)
    await run('image', 'tag', `${open.host}/known:1`, `${open.host}/known-too:1`)
    expect((await run('image', 'push', `${open.host}/known-too:1`)).stdout).toContain(`1: digest: ${digest} `)
  })

  test('of an image for several platforms brings them all, from registry to registry', async () => {
    const image = await holdIndex(['all'], ['amd64', 'arm64', 's390x'])
    const source = await startFaulty(image, { random: randomFrom(1), oneOf: 1 << 30 })
    await run('image', 'pull', '-q', '--platform', 'linux/amd64', `${source.host}/image:multi`)
    await run('image', 'tag', `${source.host}/image:multi`, `${open.host}/multi:1`)
    expect((await run('image', 'push', `${open.host}/multi:1`)).stdout).toContain(`1: digest: ${image.indexDigest} `)
    await source.close()
    environment = environmentAt('elsewhere')
    for (const platform of ['linux/s390x', 'linux/arm64', 'linux/amd64']) {
      const pulled = await run('image', 'pull', '-q', '--platform', platform, `${open.host}/multi:1`)
      expect(pulled).toMatchObject({ code: 0 })
      const found = await run(
        'image',
        'inspect',
        '-f',
        '{{.Os}}/{{.Architecture}} {{json .RepoDigests}}',
        `${open.host}/multi:1`,
      )
      expect(found.stdout).toBe(`${platform} ["${open.host}/multi@${image.indexDigest}"]\n`)
    }
  })

  test('of one platform alone, where the others are nowhere', async () => {
    const image = await holdIndex(['one'], ['amd64', 'arm64'])
    const source = await startFaulty(image, { random: randomFrom(1), oneOf: 1 << 30 })
    await run('image', 'pull', '-q', '--platform', 'linux/amd64', `${source.host}/image:multi`)
    await source.close()
    await run('image', 'tag', `${source.host}/image:multi`, `${open.host}/single:1`)
    expect(await run('image', 'push', `${open.host}/single:1`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--platform OS/ARCH'),
    })
    const { code, stdout } = await run('image', 'push', '--platform', 'linux/amd64', `${open.host}/single:1`)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining(`1: digest: ${image.manifestDigest} `),
    })
  })
})
