// Leaves V8's compiled code beside each file of dist/, with the functions that the everyday commands call. Run by build.mjs in a process of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { BUDGET, openChunks } = createRequire(import.meta.url)('../bin/tscompose.cjs')

const scripts = new Map()
const { main } = openChunks((filename, script) => scripts.set(filename, script))('main.cjs')

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
process.chdir(project)
// What they say is of no interest, and what they can't do here (there is no image) changes nothing.
process.env.TSCOMPOSE_DATA_DIR = join(project, 'data')
process.env.TSCOMPOSE_RUN_DIR = join(project, 'run')
process.env.DOCKER_HOST = `unix://${join(project, 'daemon.sock')}`
const daemon = createServer(answer).listen(join(project, 'daemon.sock'))
await run([
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
  'image pull -q 127.0.0.1:9/x',
  '--driver docker ps',
  '--driver docker up -d',
  '--driver docker down',
])
// What the native driver does until a container starts, in a folder of its own, and without a network: nothing of it is seen outside.
writeFileSync(
  join(project, 'compose.yaml'),
  `services:
  web: &made { image: nothing, command: [sleep, infinity], network_mode: none }
  db: *made
`,
)
writeFileSync(join(project, 'nothing.tar'), Buffer.alloc(10240))
await run(['image import nothing.tar nothing', 'up --no-start', 'ps -a', 'down -t 0'])
// It goes into the files, and these are loaded under V8's own.
setFlagsFromString(BUDGET)
for (const [filename, script] of scripts) writeFileSync(`${filename}.v8`, script.createCachedData())
daemon.close()
daemon.closeAllConnections()
process.chdir(root)
rmSync(project, { recursive: true })
process.exitCode = 0

async function run(commands) {
  for (const command of commands) await main(command.split(' '), root)
}

/** A daemon that has every image and nothing else, makes whatever is asked for, and starts it. */
function answer({ method, url }, response) {
  const path = url.replace(/\?.*/, '').replace(/^\/v[\d.]+/, '')
  const made = method === 'POST' ? { Id: 'made', Name: 'made' } : undefined
  if (path === '/_ping') return response.setHeader('api-version', '1.51').end('OK')
  const known = { '/containers/json': [], '/networks': [], '/volumes': {} }
  const image = /^\/images\/./.test(path)
    ? { Id: 'image', Size: 0, Created: '', Os: 'linux', Architecture: 'amd64' }
    : undefined
  const value = made ?? known[path] ?? image
  response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value ?? { message: 'not found' }))
}
