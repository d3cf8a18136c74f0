// Images made, pushed, pulled and saved by other programs, against ours: Docker Engine, podman, buildah, skopeo and Debian's docker-registry.
import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { docker, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { pushSaved, type Registry, startRegistry, whyNoRegistry } from '../support/docker-registry.ts'
import { pathOf, whyNot } from '../support/other-programs.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

const execute = promisify(execFile)

/** One command of it; what it says on standard output. */
type Engine = (...words: readonly string[]) => Promise<string>

/** Those that build, run and push images of their own. */
const engines: readonly {
  readonly name: string
  readonly whyNone: () => string | undefined
  readonly start: () => () => Promise<void>
  readonly open: (cwd: string) => Engine
  /** Of push and pull. */
  readonly insecure: readonly string[]
  /** Of run. */
  readonly alone: readonly string[]
  /** Flags of save. */
  readonly archives: readonly (readonly string[])[]
}[] = [
  {
    name: 'podman',
    whyNone: () => whyNot('podman', 'runc'),
    start: () => async () => undefined,
    open: (cwd) => {
      const storage = ['--root', join(cwd, 'podman'), '--runroot', join(cwd, 'podman-run'), '--storage-driver', 'vfs']
      const how = ['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--runtime', pathOf('runc')]
      return async (...words) => (await execute('podman', [...storage, ...how, ...words])).stdout
    },
    insecure: ['--tls-verify=false'],
    alone: ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'],
    archives: [
      ['--format', 'oci-archive'],
      ['--format', 'docker-archive'],
    ],
  },
  {
    name: 'Docker Engine',
    whyNone: whyNoDaemon,
    start: startDaemon,
    open:
      () =>
      async (...words) =>
        docker(words),
    insecure: [],
    alone: [],
    archives: [[]],
  },
]

describe.runIf(privileged && whyNoRegistry() === undefined)('beside other programs', () => {
  useImages('busybox')
  let registry: Registry
  let cwd = ''
  let environment: Record<string, string> = {}

  beforeAll(async () => {
    registry = await startRegistry(undefined, { schema1: true })
  })
  afterAll(() => registry.stop())
  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-tools-'))
    environment = {
      TSCOMPOSE_DATA_DIR: join(cwd, 'state', 'data'),
      TSCOMPOSE_RUN_DIR: join(cwd, 'state', 'run'),
      XDG_CONFIG_HOME: join(cwd, 'config'),
      DOCKER_CONFIG: join(cwd, 'docker'),
    }
    await mustRun(['image', 'save', '-o', join(cwd, 'busybox.tar'), 'busybox'], { cwd })
    writeFileSync(join(cwd, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
  })
  afterEach(() => rmSync(cwd, { recursive: true, force: true }))

  const run = (...words: readonly string[]) => tscompose(words, { cwd, environment })
  const skopeo = (...words: readonly string[]) =>
    execute('skopeo', ['--policy', join(cwd, 'policy.json'), ...words], { maxBuffer: 1 << 24 })
  const ours = (name: string) => `docker://${registry.host}/${name}`

  async function outputOf(image: string): Promise<string> {
    writeProject(cwd, { 'compose.yaml': `name: tools\nservices:\n  it: { image: "${image}" }\n` })
    const { stdout, stderr } = await run('up', '--no-log-prefix')
    await run('down')
    return stdout === '' ? stderr : stdout
  }

  test.runIf(whyNot('skopeo') === undefined)('layers of zstd are unpacked, run, and pushed as they are', async () => {
    await skopeo(
      ...['copy', '--dest-tls-verify=false', '--dest-compress-format', 'zstd', '--dest-compress'],
      ...[`oci-archive:${join(cwd, 'busybox.tar')}`, ours('packed:1')],
    ).catch(() => undefined)
    const raw = async (name: string) =>
      JSON.parse((await skopeo('inspect', '--tls-verify=false', '--raw', ours(name))).stdout)
    const before = await raw('packed:1')
    expect(before.layers[0].mediaType).toMatch(/zstd$/)
    const image = `${registry.host}/packed:1`
    expect((await run('image', 'pull', '-q', image)).code).toBe(0)
    await run('image', 'tag', image, `${registry.host}/packed-too:1`)
    expect((await run('image', 'push', '-q', `${registry.host}/packed-too:1`)).code).toBe(0)
    expect(await raw('packed-too:1')).toEqual(before)
  })

  test.runIf(whyNot('skopeo') === undefined)('an image in the first format is refused by its name', async () => {
    await pushSaved({ host: registry.host, repository: 'plain' }, '1', join(cwd, 'busybox.tar'))
    await skopeo(
      ...['copy', '--src-tls-verify=false', '--dest-tls-verify=false', '--format', 'v2s1'],
      ...[ours('plain:1'), ours('first:1')],
    )
    expect(await run('image', 'pull', `${registry.host}/first:1`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is in the first format, given up in 2019'),
    })
  })

  test.runIf(whyNot('skopeo') === undefined)('what we push is what skopeo sees', async () => {
    await run('image', 'load', '-i', join(cwd, 'busybox.tar'))
    await run('image', 'tag', 'busybox', `${registry.host}/ours:1`)
    await run('image', 'push', '-q', `${registry.host}/ours:1`)
    const seen = JSON.parse((await skopeo('inspect', '--tls-verify=false', ours('ours:1'))).stdout)
    const { stdout } = await run(
      'image',
      'inspect',
      '-f',
      '{{index .RepoDigests 0}} {{json .RootFS.Layers}}',
      `${registry.host}/ours:1`,
    )
    expect(stdout).toContain(`${seen.Name}@${seen.Digest} `)
    await skopeo('copy', '--src-tls-verify=false', ours('ours:1'), `oci-archive:${join(cwd, 'copy.tar')}:copy:1`)
    await run('image', 'rm', '-f', 'busybox')
    expect((await run('image', 'load', '-i', join(cwd, 'copy.tar'))).code).toBe(0)
  })

  test.runIf(whyNot('buildah', '/usr/bin/busybox') === undefined)(
    'what buildah builds for two platforms and pushes, we run and push on',
    async () => {
      const buildah = (...words: readonly string[]) =>
        execute('buildah', [
          '--storage-driver',
          'vfs',
          '--root',
          join(cwd, 'graph'),
          '--runroot',
          join(cwd, 'graph-run'),
          ...words,
        ])
      const policy = ['--signature-policy', join(cwd, 'policy.json')]
      const rootfs = join(cwd, 'rootfs')
      mkdirSync(join(rootfs, 'bin'), { recursive: true })
      copyFileSync('/usr/bin/busybox', join(rootfs, 'bin', 'busybox'))
      chmodSync(join(rootfs, 'bin', 'busybox'), 0o755)
      await buildah('manifest', 'create', 'both')
      for (const architecture of ['amd64', 'arm64']) {
        const container = (await buildah('from', '--arch', architecture, 'scratch')).stdout.trim()
        await buildah('copy', container, rootfs, '/')
        await buildah('config', '--arch', architecture, '--cmd', '["/bin/busybox","echo","built elsewhere"]', container)
        await buildah('commit', '-q', ...policy, container, `localhost/${architecture}`)
        await buildah('manifest', 'add', 'both', `localhost/${architecture}`)
      }
      await buildah('manifest', 'push', ...policy, '--all', '--tls-verify=false', 'both', ours('built:1'))
      expect(await outputOf(`${registry.host}/built:1`)).toContain('built elsewhere')
      await run('image', 'tag', `${registry.host}/built:1`, `${registry.host}/on:1`)
      expect((await run('image', 'push', '-q', `${registry.host}/on:1`)).code).toBe(0)
      const digests = await Promise.all(
        ['built', 'on'].map(async (name) => {
          const answer = await fetch(`http://${registry.host}/v2/${name}/manifests/1`, {
            headers: {
              accept:
                'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json',
            },
          })
          return answer.headers.get('docker-content-digest')
        }),
      )
      expect(digests[1]).toBe(digests[0])
    },
  )

  test('docker-registry as a mirror that fetches what it is asked for stands in for the Hub', async () => {
    await pushSaved({ host: registry.host, repository: 'library/app' }, 'latest', join(cwd, 'busybox.tar'))
    const mirror = await startRegistry(undefined, { upstream: `http://${registry.host}` })
    try {
      writeProject(cwd, { 'config/tscompose/config.json': `{"registry-mirrors":["http://${mirror.host}"]}` })
      expect(await run('image', 'pull', '-q', 'app')).toMatchObject({
        code: 0,
        stdout: 'docker.io/library/app:latest\n',
      })
      expect(await run('image', 'pull', '-q', 'app')).toMatchObject({ code: 0 })
      expect((await run('image', 'inspect', '-f', '{{len .RootFS.Layers}}', 'app')).stdout).toBe('1\n')
    } finally {
      await mirror.stop()
    }
  })

  describe.each(engines)('$name', ({ whyNone, start, open, insecure, alone, archives }) => {
    const none = whyNone()
    if (none !== undefined) console.warn(`images are not crossed with this one: ${none}`)
    const withIt = none === undefined ? test : test.skip
    let stop = async (): Promise<void> => undefined
    let engine: Engine
    beforeAll(() => {
      if (none === undefined) stop = start()
    })
    afterAll(() => stop())
    beforeEach(() => {
      if (none === undefined) engine = open(cwd)
    })
    afterEach(async () => {
      if (none !== undefined) return
      await engine('rm', '-f', CONTAINER).catch(() => '')
      for (const name of [BASE, 'example.com/crossing:1', `${registry.host}/by-them:1`, `${registry.host}/by-us:1`])
        await engine('rmi', '-f', name).catch(() => '')
    })

    /** Returns the image's id. */
    async function commitThere(image: string): Promise<string> {
      await run('image', 'load', '-i', join(cwd, 'busybox.tar'))
      await run('image', 'tag', 'busybox', BASE)
      await run('image', 'save', '-o', join(cwd, 'base.tar'), BASE)
      await engine('load', '-i', join(cwd, 'base.tar'))
      const changes = 'echo made elsewhere >/made; mkdir /sub; ln /made /sub/again; rm /bin/vi; chown 7:8 /sub'
      await engine('run', '--network', 'none', ...alone, '--name', CONTAINER, BASE, 'sh', '-c', changes)
      const command = `CMD ${JSON.stringify(['sh', '-c', SHOW])}`
      const id = (await engine('commit', '-c', command, CONTAINER, image)).trim().replace('sha256:', '')
      await engine('rm', CONTAINER)
      return `sha256:${id}`
    }

    withIt('commits and pushes what we run, and runs what we push', async () => {
      const theirs = `${registry.host}/by-them:1`
      const imageId = await commitThere(theirs)
      await engine('push', ...insecure, theirs)
      expect(await outputOf(theirs)).toMatch(SHOWN)
      expect((await run('image', 'inspect', '-f', '{{.Id}}', theirs)).stdout).toBe(`${imageId}\n`)
      await run('image', 'tag', theirs, `${registry.host}/by-us:1`)
      expect((await run('image', 'push', '-q', `${registry.host}/by-us:1`)).code).toBe(0)
      await engine('rmi', '-f', theirs)
      await engine('pull', ...insecure, `${registry.host}/by-us:1`)
      const words = ['run', '--rm', '--network', 'none', ...alone, `${registry.host}/by-us:1`]
      expect(await engine(...words)).toMatch(SHOWN)
    })

    for (const format of archives)
      withIt(`saves ${format.at(-1) ?? 'archives'} that we load, and loads what we save`, async () => {
        const name = 'example.com/crossing:1'
        const imageId = await commitThere(name)
        await engine('save', ...format, '-o', join(cwd, 'theirs.tar'), name)
        expect((await run('image', 'load', '-i', join(cwd, 'theirs.tar'))).stdout).toBe(`Loaded image: ${name}\n`)
        expect((await run('image', 'inspect', '-f', '{{.Id}}', name)).stdout).toBe(`${imageId}\n`)
        expect(await outputOf(name)).toMatch(SHOWN)
        expect((await run('image', 'save', '-o', join(cwd, 'ours.tar'), name)).code).toBe(0)
        await engine('rmi', '-f', name)
        expect(await engine('load', '-i', join(cwd, 'ours.tar'))).toContain(name)
        expect((await engine('image', 'inspect', '--format', '{{.Id}}', name)).replace(/^(?!sha256:)/, 'sha256:')).toBe(
          `${imageId}\n`,
        )
      })
  })
})

const BASE = 'example.com/base:tools'
const CONTAINER = 'tsc-image-tools'
const SHOW = 'cat /sub/again; stat -c "%u:%g %h" /sub/again /sub; ls /bin/vi 2>&1 || true'
const SHOWN = /made elsewhere\n0:0 2\n7:8 \d+\nls: \/bin\/vi: No such file or directory/
