// Every way to a daemon carries the everyday commands; where there is no way, one message says what to do.
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxArchive } from '../support/busybox.ts'
import { makeCertificates, ofVersion, overSsh, overTcp, overTls, type Way } from '../support/daemon-ways.ts'
import { docker, dockerHost, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'

const reason = whyNoDaemon()
if (reason !== undefined) console.warn(`ways to a daemon are not tested: ${reason}`)

const dropbear = '/usr/sbin/dropbear'
const withSsh = existsSync(dropbear)
if (!withSsh) console.warn(`the way over ssh is not tested: there is no ${dropbear}`)

const socketPath = dockerHost.slice('unix://'.length)
const peers = process.env.TSCOMPOSE_PEERS || '/opt/peers'

describe.skipIf(reason !== undefined)('a daemon is reached', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-ways-'))
  const project = join(folder, 'project')
  const ways: Way[] = []
  let stop = async (): Promise<void> => {}

  beforeAll(async () => {
    stop = startDaemon()
    docker(['import', '-c', 'CMD ["sh"]', await busyboxArchive(folder), 'busybox-ways'])
    makeCertificates(join(folder, 'certificates'))
    const command = ['sh', '-c', 'echo hello; exec sleep 1000']
    const services = { web: { image: 'busybox-ways', command, stop_grace_period: '0s' } }
    writeProject(project, { 'compose.yaml': JSON.stringify({ name: 'tsc-ways', services }) })
  }, 200_000)
  afterAll(async () => {
    for (const way of ways) await way.close()
    docker(['image', 'rm', '-f', 'busybox-ways'])
    await stop()
    rmSync(folder, { recursive: true })
  }, 60_000)

  const kept = async <T extends Way>(way: Promise<T>): Promise<T> => {
    ways.push(await way)
    return way
  }

  async function everyday(environment: Readonly<Record<string, string>>, globals: readonly string[] = []) {
    const base = { HOME: folder, TSCOMPOSE_DRIVER: 'docker', DOCKER_HOST: '', ...environment }
    const ours = async (...words: string[]) =>
      (await mustRun([...globals, ...words], { cwd: project, environment: base })).stdout
    await ours('up', '-d')
    expect(await ours('ps', '--services')).toBe('web\n')
    expect(await ours('exec', '-T', 'web', 'echo', 'there')).toBe('there\n')
    expect(await ours('logs', '--no-log-prefix')).toBe('hello\n')
    await ours('down')
    expect(await ours('ps', '-aq')).toBe('')
  }

  const refused = async (environment: Readonly<Record<string, string>>, options: { readonly uid?: number } = {}) => {
    const base = { HOME: folder, TSCOMPOSE_DRIVER: 'docker', ...environment }
    const { code, stderr } = await tscompose(['ps'], { cwd: project, environment: base, ...options })
    expect(code).toBe(1)
    return stderr
  }

  test('over TCP', async () => {
    const { port } = await kept(overTcp(socketPath))
    await everyday({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })
  })

  describe('over TLS', () => {
    const certificates = join(folder, 'certificates')
    let address = ''
    beforeAll(async () => {
      address = `tcp://127.0.0.1:${(await kept(overTls(socketPath, certificates))).port}`
    })
    test('with the certificates of DOCKER_CERT_PATH', () =>
      everyday({ DOCKER_HOST: address, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates }))

    test('with those of a context', async () => {
      const id = createHash('sha256').update('far').digest('hex')
      const contexts = join(folder, '.docker', 'contexts')
      const keys = join(contexts, 'tls', id, 'docker')
      mkdirSync(keys, { recursive: true })
      for (const name of ['ca.pem', 'cert.pem', 'key.pem']) copyFileSync(join(certificates, name), join(keys, name))
      mkdirSync(join(contexts, 'meta', id), { recursive: true })
      const meta = { Name: 'far', Endpoints: { docker: { Host: address } } }
      writeFileSync(join(contexts, 'meta', id, 'meta.json'), JSON.stringify(meta))
      await everyday({}, ['--context', 'far'])
      await everyday({ DOCKER_CONTEXT: 'far' })
      // dockerode reads these by itself, and would go there.
      await everyday({ DOCKER_HOST: 'tcp://127.0.0.1:9', DOCKER_CERT_PATH: '/nowhere' }, ['--context', 'far'])
    })

    test('and by nobody whose certificate is missing, or who trusts somebody else', async () => {
      const others = join(folder, 'others')
      makeCertificates(others)
      for (const path of [others, mkdtempSync(join(folder, 'none-'))]) {
        const said = await refused({ DOCKER_HOST: address, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: path })
        expect(said).toContain(`the Docker daemon at "${address}" can't be reached`)
        expect(said).toContain('certificates')
      }
    })
  })

  test.skipIf(!withSsh)('over ssh', async () => {
    const place = join(folder, 'ssh')
    const to = { folder: place, dockerPath: join(peers, 'bin'), dockerHost }
    const { port, programs, user } = await kept(overSsh(dropbear, to))
    const PATH = `${programs}:${process.env.PATH}`
    await everyday({ DOCKER_HOST: `ssh://${user}@127.0.0.1:${port}`, PATH })
  })

  test('by nobody where there is none, where that is not allowed, or where it is too old', async () => {
    const absent = await refused({ DOCKER_HOST: `unix://${folder}/nothing.sock` })
    expect(absent).toContain(`no Docker daemon answers at "unix://${folder}/nothing.sock" [engine-unreachable]`)
    expect(absent).toContain('DOCKER_HOST')

    const old = join(folder, 'old.sock')
    await kept(ofVersion(old, '1.24'))
    expect(await refused({ DOCKER_HOST: `unix://${old}` })).toMatch(
      /speaks API 1\.24 \[engine-unfit\]\n {2}hint: update it: 1\.40 is needed/,
    )

    chmodSync(old, 0o600)
    chmodSync(dirname(old), 0o755)
    const denied = await refused({ DOCKER_HOST: `unix://${old}` }, { uid: 65534 })
    expect(denied).toContain(`no permission to talk to the Docker daemon at "unix://${old}" [permission-denied]`)
    expect(denied).toContain('"docker"')
  })
})
