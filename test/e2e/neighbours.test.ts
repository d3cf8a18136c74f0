// Docker Compose's projects in our hands, and ours in Docker Compose's: on the same daemon, nothing is made anew.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { busyboxArchive } from '../support/busybox.ts'
import { docker, dockerHost, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { mustRun, writeProject } from './support/cli.ts'

const compose = join(process.env.TSCOMPOSE_PEERS || '/opt/peers', 'bin', 'docker-compose')
const reason = whyNoDaemon()
if (reason !== undefined) console.warn(`the docker driver's neighbours are not tested: ${reason}`)

const file = `
name: neighbours
services:
  web:
    image: busybox-neighbours
    command: ["sh", "-c", "echo hello; exec sleep 1000"]
    stop_grace_period: 0s
    depends_on: { db: { condition: service_healthy } }
    environment: { A: "1", B: two }
    labels: [colour=red]
    networks: { front: { aliases: [site] }, back: }
    configs: [{ source: note, target: /etc/note, mode: 0440 }]
    deploy: { resources: { limits: { memory: 64m, cpus: "0.5" } } }
  db:
    image: busybox-neighbours
    command: sleep 1000
    stop_grace_period: 0s
    scale: 2
    user: www-data
    healthcheck: { test: [CMD, "true"], interval: 200ms }
    volumes: ["data:/data", "/cache", { type: tmpfs, target: /scratch }]
    networks: [back]
networks: { front: {}, back: { internal: true } }
volumes: { data: {} }
configs: { note: { content: "by hand" } }
`

describe.skipIf(reason !== undefined)('on one daemon', () => {
  let cwd = ''
  let stop = async (): Promise<void> => {}
  const environment = { DOCKER_HOST: dockerHost, TSCOMPOSE_DRIVER: 'docker' }
  const ours = async (...words: string[]): Promise<string> => (await mustRun(words, { cwd, environment })).stdout
  const theirs = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)(compose, words, { cwd, env: { ...process.env, DOCKER_HOST: dockerHost } })).stdout
  const ids = (): string[] =>
    docker(['ps', '-aq', '--filter', 'label=com.docker.compose.project=neighbours']).split('\n').sort()

  beforeAll(async () => {
    stop = startDaemon()
    const work = mkdtempSync(join(tmpdir(), 'tscompose-neighbours-'))
    docker(['import', '-c', 'CMD ["sh"]', await busyboxArchive(work), 'busybox-neighbours'])
    rmSync(work, { recursive: true })
    expect(existsSync(compose)).toBe(true)
  }, 200_000)
  afterAll(async () => {
    docker(['image', 'rm', '-f', 'busybox-neighbours'])
    await stop()
  }, 60_000)
  beforeEach(() => {
    cwd = writeProject(mkdtempSync(join(tmpdir(), 'tsc-e2e-')), { 'compose.yaml': file })
  })
  afterEach(async () => {
    await ours('down', '-v', '-t', '0')
    rmSync(cwd, { recursive: true })
    expect(ids()).toEqual([''])
  })

  test('what Docker Compose has brought up is seen, entered, left as it is, and taken down', async () => {
    await theirs('up', '-d')
    const before = ids()
    expect((await ours('ps', '--services')).split('\n').filter(Boolean).sort()).toEqual(['db', 'web'])
    expect(await ours('logs', '--no-log-prefix', 'web')).toBe('hello\n')
    expect(await ours('exec', '-T', 'web', 'cat', '/etc/note')).toBe('by hand')
    await ours('up', '-d')
    expect(ids()).toEqual(before)
    expect(await ours('plan')).toBe('nothing to do\n')
    await ours('stop')
    expect(await theirs('ps', '-a', '--format', '{{.State}}')).toMatch(/^(exited\n){3}$/)
  })

  test('what we have brought up Docker Compose leaves as it is, and shows', async () => {
    await ours('up', '-d')
    const before = ids()
    await theirs('up', '-d')
    expect(ids()).toEqual(before)
    const shown = (await theirs('ps', '--format', '{{.Service}} {{.State}}')).trim().split('\n').sort()
    expect(shown).toEqual(['db running', 'db running', 'web running'])
    await theirs('down', '-v', '-t', '0')
    expect(await ours('ps', '-aq')).toBe('')
  })
})
