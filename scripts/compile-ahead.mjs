// Leaves V8's compiled code beside each file of dist/, with the functions that the everyday commands call. Run by build.mjs in a process of its own.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { openChunks } = createRequire(import.meta.url)('../bin/chunks.cjs')

const scripts = new Map()
const { main } = openChunks(join(root, 'dist'), (filename, script) => scripts.set(filename, script))('main.cjs')

const project = mkdtempSync(join(tmpdir(), 'tscompose-build-'))
writeFileSync(
  join(project, 'compose.yaml'),
  `services:
  web:
    image: nginx
    depends_on: [db]
    ports: ["8080:80"]
    environment: { DB_HOST: "db:3306", MODE: "\${MODE:-plain}" }
    volumes: ["files:/srv", "./conf:/etc/conf:ro"]
  db:
    image: mariadb:11
    restart: always
    environment: [PASSWORD=secret]
    volumes: ["data:/var/lib/mysql"]
volumes: { files: {}, data: {} }
`,
)
const registry = await openRegistry()
const image = `127.0.0.1:${registry.address().port}/x`
process.chdir(project)
// What they say is of no interest, and what they can't do here (there is no image) changes nothing.
process.env.TSCOMPOSE_DATA_DIR = join(project, 'data')
process.env.TSCOMPOSE_RUN_DIR = join(project, 'run')
for (const command of [
  'version',
  'config',
  'ps',
  'up --dry-run',
  'down --dry-run',
  'logs',
  'stop --dry-run',
  'start --dry-run',
  'exec web true',
  'image ls',
  `image pull -q ${image}`,
  `image pull -q ${image}`,
]) {
  await main(command.split(' '), root)
}
for (const [filename, script] of scripts) writeFileSync(`${filename}.v8`, script.createCachedData())
registry.closeAllConnections()
registry.close()
process.chdir(root)
rmSync(project, { recursive: true })
process.exitCode = 0

/** With one image of no layers: the first pull brings it, the second finds nothing new. */
async function openRegistry() {
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } })
  const described = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: digestOf(config),
    size: config.length,
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config: described, layers: [] })
  const server = createServer(({ url, method }, response) => {
    const body = url.includes('/manifests/') ? manifest : url.includes('/blobs/') ? config : '{}'
    response.setHeader('content-type', mediaType)
    response.setHeader('docker-content-digest', digestOf(body))
    response.end(method === 'HEAD' ? undefined : body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function digestOf(text) {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
