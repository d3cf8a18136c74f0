import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  containerImageOf,
  findImage,
  layerDirs,
  observedImageOf,
  requireImage,
} from '../../../src/runtime/image/find.ts'
import { importRootfs } from '../../../src/runtime/image/import.ts'
import { imageLines, listImages, matchingLines } from '../../../src/runtime/image/list.ts'
import { loadArchive } from '../../../src/runtime/image/load.ts'
import { pruneImages, removeImage } from '../../../src/runtime/image/remove.ts'
import { saveArchive } from '../../../src/runtime/image/save.ts'
import { type ImageStore, openStore } from '../../../src/runtime/image/store.ts'
import { tagImage } from '../../../src/runtime/image/tag.ts'
import type { TarFile } from '../../../src/runtime/image/tar-writer.ts'
import { usageOf } from '../../../src/runtime/image/usage.ts'
import type { Native } from '../../../src/runtime/native.ts'
import { archiveOf, holdIndex } from '../../support/remote-image.ts'
import { json, sha256, tarOf, text } from './archive.ts'
import { foundNative } from './found-native.ts'

const native = foundNative()
const signal = new AbortController().signal
const platform = { os: 'linux', architecture: 'amd64' }
const wanted = { platform, isStrict: true }

describe.runIf(native !== undefined)('the image store', () => {
  let directory = ''
  let store: ImageStore

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tsc-images-'))
    store = openStore({ dataDir: join(directory, 'data') }, () => native as Native)
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  function file(name: string, data: Uint8Array): { readonly path: string } {
    writeFileSync(join(directory, name), data)
    return { path: join(directory, name) }
  }

  async function importFile(
    reference: string | undefined,
    content: string,
    changes: readonly string[] = [],
  ): Promise<string> {
    const source = file('rootfs.tar', await tarOf([text('etc/motd', content)]))
    const options = { source, changes, message: 'made by a test', platform, now: new Date('2026-01-02T03:04:05Z') }
    return importRootfs(store, { ...options, ...(reference === undefined ? {} : { reference }) }, signal)
  }

  const unused = { force: false, usedImageIds: new Set<string>(), signal }
  const names = (): readonly string[] =>
    imageLines(listImages(store)).map(({ repository, tag }) => `${repository}:${tag}`)
  const layers = (): readonly string[] => readdirSync(store.layersDir)

  test('an import is found by name, id, short id and digest, and its layer is unpacked', async () => {
    const imageId = await importFile('busybox', 'hello', [
      'CMD ["sh"]',
      'VOLUME /data',
      'EXPOSE 80',
      'LABEL a=b',
      'HEALTHCHECK CMD true',
    ])
    const image = requireImage(store, 'busybox')
    for (const name of [
      'busybox:latest',
      'docker.io/library/busybox',
      imageId,
      imageId.slice(7, 19),
      `busybox@${image.manifestDigest}`,
    ]) {
      expect(findImage(store, name)?.imageId).toBe(imageId)
    }
    expect(findImage(store, 'busybox:1')).toBeUndefined()
    expect(findImage(store, `redis@${image.manifestDigest}`)).toBeUndefined()
    expect(observedImageOf(image)).toEqual({
      imageId,
      references: ['busybox:latest'],
      checkedAtMs: expect.any(Number),
      sizeBytes: 5,
      createdAtMs: Date.parse('2026-01-02T03:04:05Z'),
      platform: 'linux/amd64',
      labels: { a: 'b' },
      volumes: ['/data'],
      exposedPorts: ['80/tcp'],
      hasHealthcheck: true,
    })
    expect(containerImageOf(store, image).config.Cmd).toEqual(['sh'])
    const [layer] = layerDirs(store, image)
    expect(readFileSync(join(layer as string, 'etc/motd'), 'utf8')).toBe('hello')
  })

  test('the store is an OCI layout, closed to others', async () => {
    await importFile('busybox', 'hello')
    expect(JSON.parse(readFileSync(join(store.imagesDir, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    })
    const index = JSON.parse(readFileSync(join(store.imagesDir, 'index.json'), 'utf8'))
    expect(index.manifests[0].annotations['org.opencontainers.image.ref.name']).toBe('docker.io/library/busybox:latest')
    for (const name of readdirSync(store.blobsDir)) {
      expect(sha256(readFileSync(join(store.blobsDir, name)))).toBe(`sha256:${name}`)
    }
    expect(statSync(store.layersDir).mode & 0o077).toBe(0)
  })

  test('an import may come through a descriptor and be compressed', async () => {
    const { path } = file('rootfs.tar.gz', gzipSync(await tarOf([text('a', 'b')])))
    const descriptor = openSync(path, 'r')
    const options = { source: { descriptor }, reference: 'x', changes: [], message: '', platform, now: new Date() }
    await importRootfs(store, options, signal)
    closeSync(descriptor)
    expect(layerDirs(store, requireImage(store, 'x'))).toHaveLength(1)
  })

  test('a failed import leaves nothing', async () => {
    const source = file('broken.tar.gz', gzipSync(await tarOf([text('a', 'b'.repeat(5000))])).subarray(0, 60))
    const options = { source, reference: 'x', changes: [], message: '', platform, now: new Date() }
    await expect(importRootfs(store, options, signal)).rejects.toMatchObject({ name: 'DriverError' })
    expect(layers()).toEqual([])
    expect(readdirSync(store.blobsDir)).toEqual([])
    expect(listImages(store)).toEqual([])
  })

  test('what is wrong with the words is said before anything is read', async () => {
    await expect(importFile('Not/Lower', 'x')).rejects.toThrow('lower case')
    await expect(importFile('x', 'x', ['RUN x'])).rejects.toThrow('"RUN"')
    expect(readdirSync(directory)).toEqual(['rootfs.tar'])
  })

  test('an image that loses its name stays without one until it is pruned', async () => {
    const first = await importFile('app', 'one')
    const second = await importFile('app', 'two')
    expect(names().toSorted()).toEqual(['<none>:<none>', 'app:latest'])
    expect(findImage(store, 'app')?.imageId).toBe(second)
    const used = await pruneImages(store, { all: false, usedImageIds: new Set([first]) }, signal)
    expect(used.events).toEqual([])
    const pruned = await pruneImages(store, { all: false, usedImageIds: new Set() }, signal)
    expect(pruned.events).toEqual([{ kind: 'deleted', imageId: first }])
    expect(pruned.reclaimedBytes).toBeGreaterThan(0)
    expect(names()).toEqual(['app:latest'])
    expect(layers()).toHaveLength(1)
  })

  test('the same archive under two names is one layer', async () => {
    await importFile('one', 'same', ['CMD a'])
    await importFile('two', 'same', ['CMD b'])
    expect(layers()).toHaveLength(1)
    await removeImage(store, 'one', unused)
    expect(readFileSync(join(layerDirs(store, requireImage(store, 'two'))[0] as string, 'etc/motd'), 'utf8')).toBe(
      'same',
    )
  })

  test('what images take tells shared from unique, and what no container needs', async () => {
    const first = await importFile('a', 'shared')
    const second = await importFile('b', 'shared', ['CMD ["x"]'])
    await importFile('c', 'another')
    const usage = usageOf(store, listImages(store), new Map([[first, 2]]))
    const of = (imageId: string) => usage.images.find(({ image }) => image.imageId === imageId)
    expect(of(first)).toMatchObject({ sharedBytes: 6, uniqueBytes: 0, containers: 2 })
    expect(of(second)).toMatchObject({ sharedBytes: 6, uniqueBytes: 0, containers: 0 })
    expect(usage.layers).toEqual({ count: 2, activeCount: 1, bytes: 13, reclaimableBytes: 7 })
    expect(usage.blobs).toMatchObject({ count: 8, activeCount: 3 })
  })

  test('removing one of several names only takes the name; the last takes the image', async () => {
    const imageId = await importFile('app:1', 'x')
    await tagImage(store, 'app:1', 'registry.test/app:2', signal)
    expect(names().toSorted()).toEqual(['app:1', 'registry.test/app:2'])
    await expect(removeImage(store, imageId, unused)).rejects.toThrow('it has several names')
    expect(await removeImage(store, 'app:1', unused)).toEqual([{ kind: 'untagged', reference: 'app:1' }])
    expect(await removeImage(store, 'registry.test/app:2', unused)).toEqual([
      { kind: 'untagged', reference: 'registry.test/app:2' },
      { kind: 'deleted', imageId },
    ])
    expect([layers(), readdirSync(store.blobsDir), listImages(store)]).toEqual([[], [], []])
    await expect(removeImage(store, 'app:1', unused)).rejects.toMatchObject({ code: 'image-not-found' })
  })

  test('an image that a container uses stays, and with force loses only its name', async () => {
    const imageId = await importFile('app', 'x')
    const used = { ...unused, usedImageIds: new Set([imageId]) }
    await expect(removeImage(store, 'app', used)).rejects.toThrow('a container uses it')
    expect(await removeImage(store, 'app', { ...used, force: true })).toEqual([
      { kind: 'untagged', reference: 'app:latest' },
    ])
    expect(findImage(store, imageId)?.references).toEqual([])
    expect(layers()).toHaveLength(1)
  })

  test('lines are chosen by repository, tag and pattern', async () => {
    await importFile('app:1', 'x')
    await tagImage(store, 'app:1', 'app:2', signal)
    await tagImage(store, 'app:1', 'registry.test/app', signal)
    const chosen = (pattern: string) =>
      matchingLines(imageLines(listImages(store)), pattern)
        .map(({ repository, tag }) => `${repository}:${tag}`)
        .toSorted()
    expect(chosen('app')).toEqual(['app:1', 'app:2'])
    expect(chosen('app:2')).toEqual(['app:2'])
    expect(chosen('a*')).toEqual(['app:1', 'app:2'])
    expect(chosen('registry.test/*')).toEqual(['registry.test/app:latest'])
  })

  async function save(...references: string[]): Promise<{ readonly path: string }> {
    const parts: Uint8Array[] = []
    for await (const part of saveArchive(store, references, { signal })) parts.push(part)
    return file('saved.tar', Buffer.concat(parts))
  }

  test('what was saved can be loaded again, with its names, as the same image', async () => {
    const imageId = await importFile('app:1', 'x', ['CMD ["x"]'])
    await tagImage(store, 'app:1', 'app:2', signal)
    const other = await importFile('other', 'y')
    const source = await save('app:1', 'app:2', other)
    await pruneImages(store, { all: true, usedImageIds: new Set() }, signal)
    expect(listImages(store)).toEqual([])
    expect(await loadArchive(store, { source, wanted }, signal)).toEqual([
      { imageId, references: ['app:1', 'app:2'] },
      { imageId: other, references: [] },
    ])
    expect(requireImage(store, 'app:2').document.config?.Cmd).toEqual(['x'])
    expect(readdirSync(store.imagesDir).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('other tools read a saved archive', async () => {
    await importFile('app:1', 'x')
    const { path } = await save('app:1')
    const listed = execFileSync('tar', ['tf', path], { encoding: 'utf8' }).trim().split('\n')
    expect(listed).toContain('manifest.json')
    expect(listed.filter((name) => name.startsWith('blobs/sha256/'))).toHaveLength(3)
  })

  async function imageFiles() {
    const layer = await tarOf([text('hello', 'world')])
    const packed = gzipSync(layer)
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
    })
    return { layer, packed, config }
  }

  test('an OCI archive with an index in its index gives the image of the platform', async () => {
    const { packed, config } = await imageFiles()
    const blob = (data: string) => ({ digest: sha256(data), size: Buffer.byteLength(data) })
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...blob(config) },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(packed), size: packed.length },
      ],
    })
    const described = { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...blob(manifest) }
    const inner = JSON.stringify({
      schemaVersion: 2,
      manifests: [
        { ...described, digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 'arm64' } },
        { ...described, platform },
      ],
    })
    const annotations = { 'org.opencontainers.image.ref.name': 'ghcr.io/owner/app:3' }
    const outer = {
      schemaVersion: 2,
      manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', ...blob(inner), annotations }],
    }
    const { path: layerPath } = file('layer', packed)
    const name = (digest: string) => `blobs/sha256/${digest.slice(7)}`
    const source = file(
      'oci.tar',
      await tarOf([
        text('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
        json('index.json', outer),
        text(name(sha256(inner)), inner),
        text(name(sha256(manifest)), manifest),
        text(name(sha256(config)), config),
        { name: name(sha256(packed)), kind: 'file', path: layerPath },
      ]),
    )
    expect(await loadArchive(store, { source, wanted }, signal)).toEqual([
      { imageId: sha256(config), references: ['ghcr.io/owner/app:3'] },
    ])
    const arm = { source, wanted: { platform: { os: 'linux', architecture: 's390x' }, isStrict: true } }
    await expect(loadArchive(store, arm, signal)).rejects.toThrow('the archive has no image for linux/s390x')
  })

  test('of several platforms all that are there are saved, or the one that is asked for, and come back under the same digest', async () => {
    const image = await holdIndex(['shared'], ['amd64', 'arm64', 's390x'])
    const loadInto = async (data: Buffer, wish: Partial<typeof wanted> = {}): Promise<ImageStore> => {
      const fresh = openStore({ dataDir: mkdtempSync(join(directory, 'store-')) }, () => native as Native)
      const source = file('several.tar', data)
      await loadArchive(fresh, { source, wanted: { ...wanted, isStrict: false, ...wish } }, signal)
      return fresh
    }
    const archiveWith = (architectures: readonly string[]): Promise<Buffer> =>
      archiveOf(image, { name: 'several:1', directory, architectures })
    const savedFrom = async (from: ImageStore, architecture?: string): Promise<Buffer> => {
      const parts: Uint8Array[] = []
      const options = architecture === undefined ? {} : { platform: { os: 'linux', architecture } }
      for await (const part of saveArchive(from, ['several:1'], { ...options, signal })) parts.push(part)
      return Buffer.concat(parts)
    }
    const first = await loadInto(await archiveWith(['amd64', 'arm64']))
    const second = await loadInto(await savedFrom(first))
    expect(requireImage(second, 'several:1')).toEqual({
      ...requireImage(first, 'several:1'),
      checkedAtMs: expect.any(Number),
    })
    expect(requireImage(second, 'several:1').indexDigest).toBe(image.indexDigest)
    const alone = await loadInto(await savedFrom(second, 'arm64'))
    expect(requireImage(alone, 'several:1')).toMatchObject({ document: { architecture: 'arm64' } })
    expect(requireImage(alone, 'several:1').indexDigest).toBeUndefined()
    await expect(savedFrom(second, 's390x')).rejects.toMatchObject({
      message: 'image "several:1" is not there for linux/s390x',
      hint: 'here it is for linux/amd64, linux/arm64',
    })
    const onlyArm = await loadInto(await archiveWith(['arm64']))
    expect(requireImage(onlyArm, 'several:1').document.architecture).toBe('arm64')
    await expect(loadInto(await savedFrom(onlyArm), { isStrict: true })).rejects.toThrow('no image for linux/amd64')
  })

  test('archives that lie are refused, and nothing of them stays', async () => {
    const { layer, config } = await imageFiles()
    const entry = { Config: 'config.json', RepoTags: ['bad:1'], Layers: ['layer.tar'] }
    const wrongConfig = config.replace(/sha256:[a-f0-9]{64}/, `sha256:${'0'.repeat(64)}`)
    const { path } = file('layer', layer)
    const layerFile: TarFile = { name: 'layer.tar', kind: 'file', path }
    const parts = [layerFile, text('config.json', config)]
    const cases = [
      ['diff id mismatch', [json('manifest.json', [entry]), layerFile, text('config.json', wrongConfig)]],
      ['another number of layers', [json('manifest.json', [{ ...entry, Layers: [] }]), ...parts]],
      ['"missing.tar" is missing', [json('manifest.json', [{ ...entry, Layers: ['missing.tar'] }]), ...parts]],
      [
        'is not a file in it',
        [json('manifest.json', [{ ...entry, Layers: ['../../../../../../../etc/passwd'] }]), ...parts],
      ],
      ['holds no image', parts],
      ['not a valid image reference', [json('manifest.json', [{ ...entry, RepoTags: ['UPPER'] }]), ...parts]],
    ] as const
    for (const [why, files] of cases) {
      const source = file('bad.tar', await tarOf(files))
      await expect(loadArchive(store, { source, wanted }, signal)).rejects.toThrow(why)
    }
    expect([listImages(store), layers()]).toEqual([[], []])
  })

  test('a link in an archive does not make a file of the host a layer', async () => {
    const { config } = await imageFiles()
    const tree = mkdtempSync(join(directory, 'tree-'))
    symlinkSync('/etc/passwd', join(tree, 'layer.tar'))
    writeFileSync(join(tree, 'config.json'), config)
    writeFileSync(
      join(tree, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] }]),
    )
    const path = join(directory, 'link.tar')
    execFileSync('tar', ['cf', path, '-C', tree, '.'])
    await expect(loadArchive(store, { source: { path }, wanted }, signal)).rejects.toThrow('is not a file in it')
  })

  test('a cancelled import ends as cancelled', async () => {
    const source = file('rootfs.tar', await tarOf([text('a', 'b')]))
    const options = { source, reference: 'x', changes: [], message: '', platform, now: new Date() }
    await expect(importRootfs(store, options, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
