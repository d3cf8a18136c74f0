/** Debian's docker-registry on a port of its own on this machine, and images that are pushed to it as its HTTP interface says. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '../../src/runtime/image/blob.ts'
import { type Index, MEDIA } from '../../src/runtime/image/document.ts'
import { CERTIFICATE, KEY } from './fake-registry.ts'

const PROGRAM = 'docker-registry'

/** Undefined when it can be run. */
export function whyNoRegistry(): string | undefined {
  const { error } = spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' })
  return error && `there is no ${PROGRAM}: run scripts/install-packages.sh`
}

export interface Registry {
  /** `127.0.0.1:PORT`, or at another address. */
  readonly host: string
  readonly stop: () => Promise<void>
}

export interface RegistryOptions {
  /** With a certificate for nobody, or one of the test's own; one with `clients` speaks only to those whose certificates that authority has signed. */
  readonly tls?: true | { readonly key: string; readonly cert: string; readonly clients?: string }
  /** Of this machine; without one it is seen by this machine alone. */
  readonly address?: string
  /** The registry that it is a mirror of, fetching what it is asked for. */
  readonly upstream?: string
  /** It takes images in the first format. */
  readonly schema1?: true
}

/** `logins` is the text of a password file. */
export async function startRegistry(logins?: string, options: RegistryOptions = {}): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), 'tscompose-registry-'))
  writeFileSync(join(directory, 'logins'), logins ?? '')
  const { key, cert, clients = '' } = typeof options.tls === 'object' ? options.tls : { key: KEY, cert: CERTIFICATE }
  writeFileSync(join(directory, 'key.pem'), key)
  writeFileSync(join(directory, 'cert.pem'), cert)
  writeFileSync(join(directory, 'clients.pem'), clients)
  writeFileSync(join(directory, 'config.yml'), JSON.stringify(configuration(directory, logins !== undefined, options)))
  const server = spawn(PROGRAM, ['serve', join(directory, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  return {
    host: await addressOf(server),
    stop: async () => {
      const ended = new Promise((resolve) => server.on('close', resolve))
      server.kill()
      await ended
      rmSync(directory, { recursive: true })
    },
  }
}

/** JSON is YAML. The port is of the registry's own choice. */
const configuration = (directory: string, guarded: boolean, options: RegistryOptions) => {
  const { tls, upstream, schema1, address = '127.0.0.1' } = options
  return {
    version: '0.1',
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: {
      addr: `${address}:0`,
      ...(tls ? { tls: tlsOf(directory, tls) } : {}),
    },
    ...(upstream === undefined ? {} : { proxy: { remoteurl: upstream } }),
    ...(schema1 ? { compatibility: { schema1: { enabled: true } } } : {}),
    ...(guarded ? { auth: { htpasswd: { realm: 'test', path: join(directory, 'logins') } } } : {}),
  }
}

const tlsOf = (directory: string, tls: NonNullable<RegistryOptions['tls']>) => ({
  certificate: join(directory, 'cert.pem'),
  key: join(directory, 'key.pem'),
  ...(typeof tls === 'object' && tls.clients ? { clientcas: [join(directory, 'clients.pem')] } : {}),
})

/** It says where it listens on stderr. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    server.on('close', () => reject(new Error(`${PROGRAM} has ended: ${said}`)))
    server.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text
      const found = /listening on (\d+\.\d+\.\d+\.\d+:\d+)/.exec(said)
      if (found?.[1]) resolve(found[1])
    })
  })
}

interface Destination {
  readonly host: string
  readonly repository: string
  readonly login?: string
}

export interface Pushed {
  /** Of the image's own manifest. */
  readonly digest: string
  /** Of an index that holds it, under the same tag with `-all` behind. */
  readonly indexDigest: string
}

/** Pushes an image of one empty layer; `mark` makes its digest different from others'. */
export async function pushImage(to: Destination, tag: string, mark: string): Promise<Pushed> {
  const layer = Buffer.alloc(1024)
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { mark } },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  )
  for (const blob of [layer, config]) await pushBlob(to, blob)
  const describe = (mediaType: string, data: Buffer) => ({ mediaType, digest: digestOf(data), size: data.length })
  const manifest = await pushManifest(to, tag, MEDIA.manifest, {
    config: describe(MEDIA.config, config),
    layers: [describe('application/vnd.oci.image.layer.v1.tar', layer)],
  })
  const platform = { os: 'linux', architecture: 'amd64' }
  const index = await pushManifest(to, `${tag}-all`, MEDIA.index, {
    manifests: [{ ...describe(MEDIA.manifest, manifest), platform }],
  })
  return { digest: digestOf(manifest), indexDigest: digestOf(index) }
}

/** Pushes what `image save` wrote: every blob, and the one manifest under the tag. Returns its digest. */
export async function pushSaved(to: Destination, tag: string, archive: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'tscompose-saved-'))
  try {
    execFileSync('tar', ['-xf', archive, '-C', directory])
    const blobs = join(directory, 'blobs', 'sha256')
    const [entry] = (JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as Index).manifests
    if (entry === undefined) throw new Error(`${archive} holds no image`)
    for (const name of readdirSync(blobs)) await pushBlob(to, readFileSync(join(blobs, name)))
    const data = readFileSync(join(blobs, entry.digest.slice('sha256:'.length)))
    await send(to, 'PUT', `manifests/${tag}`, { data, mediaType: entry.mediaType })
    return entry.digest
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function pushBlob(to: Destination, data: Buffer): Promise<void> {
  const begun = await send(to, 'POST', 'blobs/uploads/')
  const place = new URL(begun.headers.get('location') ?? '', begun.url)
  place.searchParams.set('digest', digestOf(data))
  await send(to, 'PUT', place.href, { data, mediaType: 'application/octet-stream' })
}

async function pushManifest(to: Destination, tag: string, mediaType: string, content: object): Promise<Buffer> {
  const data = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }))
  await send(to, 'PUT', `manifests/${tag}`, { data, mediaType })
  return data
}

async function send(
  { host, repository, login }: Destination,
  method: string,
  path: string,
  body?: { readonly data: Buffer; readonly mediaType: string },
): Promise<Response> {
  const url = new URL(path, `http://${host}/v2/${repository}/`)
  const headers = {
    ...(body && { 'content-type': body.mediaType }),
    ...(login && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
  }
  const response = await fetch(url, { method, headers, ...(body && { body: new Uint8Array(body.data) }) })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
  return response
}
