// Images made, pushed, pulled and unpacked by other programs, against ours: buildah, skopeo, umoci and Debian's docker-registry.
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pushSaved, type Registry, startRegistry, whyNoRegistry } from '../support/docker-registry.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

// Where Debian's packages are unpacked for comparisons.
process.env.PATH = `${process.env.PATH}:${process.env.TSCOMPOSE_PEERS || '/opt/peers'}/bin`

/** Undefined when they can all be run; the tests that need them are skipped otherwise. */
function whyNot(...programs: readonly string[]): string | undefined {
  const missing = programs.filter((one) => spawnSync(one, ['--version'], { stdio: 'ignore' }).error !== undefined)
  if (missing.length > 0) console.warn(`tests with other programs are skipped: there is no ${missing.join(', no ')}`)
  return missing.length === 0 ? undefined : missing.join(', ')
}

const execute = promisify(execFile)

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

  test.runIf(whyNot('umoci', 'python3') === undefined)('files are unpacked as umoci unpacks them', async () => {
    const tree = join(cwd, 'umoci')
    mkdirSync(join(cwd, 'layers'))
    await execute('python3', ['-c', MAKE_LAYERS, join(cwd, 'layers')])
    await execute('tar', ['-C', join(cwd, 'layers'), '-cf', join(cwd, 'made.tar'), '.'])
    expect((await run('image', 'load', '-i', join(cwd, 'made.tar'))).stdout).toBe('Loaded image: made:1\n')
    expect((await run('image', 'save', '-o', join(cwd, 'saved.tar'), 'made:1')).code).toBe(0)
    mkdirSync(join(cwd, 'layout'))
    await execute('tar', ['-C', join(cwd, 'layout'), '-xf', join(cwd, 'saved.tar')])
    await execute('umoci', ['unpack', '--image', `${join(cwd, 'layout')}:1`, tree])
    const { stdout } = await run('image', 'inspect', '-f', '{{range .RootFS.Layers}}{{.}} {{end}}', 'made:1')
    const layers = stdout
      .trim()
      .split(' ')
      .map((one) => join(cwd, 'state/data/layers', one.slice('sha256:'.length), 'fs'))
    const merged = join(cwd, 'merged')
    mkdirSync(merged)
    await execute('mount', ['-t', 'overlay', 'overlay', '-o', `ro,lowerdir=${layers.toReversed().join(':')}`, merged])
    try {
      const [theirs, found] = await Promise.all(
        [join(tree, 'rootfs'), merged].map((one) => execute('python3', ['-c', LIST_TREE, one])),
      )
      expect(found?.stdout.split('\n')).toEqual(theirs?.stdout.split('\n'))
      expect(found?.stdout.split('\n').length).toBeGreaterThan(15)
    } finally {
      await execute('umount', [merged])
    }
  })
})

/** Two layers with every kind of file, one of which takes away and replaces what the other has, in the form of `docker save`. */
const MAKE_LAYERS = `
import hashlib, io, json, sys, tarfile
out = sys.argv[1]
def layer(name, entries):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for at, (path, kind, extra) in enumerate(entries):
            info = tarfile.TarInfo(path)
            info.mtime = 1600000000.25 + at
            info.mode = extra.get('mode', 0o755 if kind == 'dir' else 0o644)
            info.uid, info.gid = extra.get('owner', (0, 0))
            info.pax_headers = extra.get('pax', {})
            data = extra.get('data', b'')
            info.type = {'dir': tarfile.DIRTYPE, 'file': tarfile.REGTYPE, 'link': tarfile.SYMTYPE, 'hard': tarfile.LNKTYPE,
                         'fifo': tarfile.FIFOTYPE, 'char': tarfile.CHRTYPE}[kind]
            info.linkname = extra.get('to', '')
            info.devmajor, info.devminor = extra.get('device', (0, 0))
            info.size = len(data) if kind == 'file' else 0
            tar.addfile(info, io.BytesIO(data) if kind == 'file' else None)
    data = buffer.getvalue()
    open(f'{out}/{name}.tar', 'wb').write(data)
    return 'sha256:' + hashlib.sha256(data).hexdigest()
low = layer('low', [
    ('bin', 'dir', {}), ('bin/tool', 'file', {'mode': 0o4755, 'data': b'x' * 70000}), ('bin/again', 'hard', {'to': 'bin/tool'}),
    ('bin/alias', 'link', {'to': 'tool', 'owner': (3, 4)}), ('etc', 'dir', {'mode': 0o1777}), ('etc/a', 'file', {'data': b'a', 'owner': (1000, 1001)}),
    ('etc/b', 'file', {'data': b'b', 'mode': 0o600}), ('dev', 'dir', {}), ('dev/nothing', 'char', {'device': (1, 3), 'mode': 0o666}),
    ('run', 'dir', {'mode': 0o2750}), ('run/pipe', 'fifo', {}), ('old', 'dir', {}), ('old/file', 'file', {'data': b'old'}),
    ('kept', 'dir', {}), ('kept/file', 'file', {'data': b'kept'}),
    ('bin/capable', 'file', {'data': b'cap', 'pax': {'SCHILY.xattr.security.capability': '\\x01\\x00\\x00\\x02\\x00\\x20\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00'}}),
    ('etc/marked', 'file', {'data': b'm', 'pax': {'SCHILY.xattr.user.mark': 'yes'}}),
    ('n' * 90, 'dir', {}), ('n' * 90 + '/' + 'm' * 120, 'file', {'data': b'long'}),
])
high = layer('high', [
    ('etc', 'dir', {'mode': 0o755}), ('etc/.wh.a', 'file', {}), ('etc/b', 'file', {'data': b'new b', 'mode': 0o640, 'owner': (5, 6)}),
    ('old', 'dir', {'mode': 0o700}), ('old/.wh..wh..opq', 'file', {}), ('old/new', 'file', {'data': b'new'}), ('.wh.run', 'file', {}),
    ('kept', 'link', {'to': 'etc'}),
])
config = {'os': 'linux', 'architecture': 'amd64', 'config': {}, 'rootfs': {'type': 'layers', 'diff_ids': [low, high]}}
open(f'{out}/config.json', 'w').write(json.dumps(config))
open(f'{out}/manifest.json', 'w').write(json.dumps([{'Config': 'config.json', 'RepoTags': ['made:1'], 'Layers': ['low.tar', 'high.tar']}]))
`

/** Each file below a directory: kind, mode, owner, size, time, device, attributes, links and content. */
const LIST_TREE = `
import hashlib, os, stat, sys
root = sys.argv[1]
lines = []
for directory, names, files in os.walk(root):
    for name in names + files:
        path = os.path.join(directory, name)
        info = os.lstat(path)
        kind = stat.S_IFMT(info.st_mode)
        content = os.readlink(path) if stat.S_ISLNK(info.st_mode) else ''
        if stat.S_ISREG(info.st_mode): content = hashlib.sha256(open(path, 'rb').read()).hexdigest()
        attributes = {one: os.getxattr(path, one, follow_symlinks=False).hex() for one in sorted(os.listxattr(path, follow_symlinks=False)) if not one.startswith('trusted.overlay')}
        size = 0 if stat.S_ISDIR(info.st_mode) else info.st_size
        links = 0 if stat.S_ISDIR(info.st_mode) else info.st_nlink
        lines.append(f'{os.path.relpath(path, root)} {kind:o} {stat.S_IMODE(info.st_mode):o} {info.st_uid}:{info.st_gid} {size} {info.st_mtime_ns} {info.st_rdev} {links} {attributes} {content}')
print('\\n'.join(sorted(lines)))
`
