/** Ways to a Docker daemon that listens on a socket: TCP, TLS with certificates of its own, ssh, and somebody who only says a version. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'

export interface Way {
  /** On 127.0.0.1; 0 where there is none. */
  readonly port: number
  readonly close: () => Promise<void>
}

/** Who has said everything may still want to hear. */
const HALF_OPEN = { allowHalfOpen: true }

export function overTcp(socketPath: string): Promise<Way> {
  return listen(createServer(HALF_OPEN, (near) => connected(near, connect({ path: socketPath, ...HALF_OPEN }))))
}

/** Takes only clients with a certificate of the authority in `folder`. */
export function overTls(socketPath: string, folder: string): Promise<Way> {
  const read = (name: string): Buffer => readFileSync(join(folder, name))
  const options = {
    ca: read('ca.pem'),
    cert: read('server.pem'),
    key: read('server-key.pem'),
    requestCert: true,
    ...HALF_OPEN,
  }
  return listen(createTlsServer(options, (near) => connected(near, connect({ path: socketPath, ...HALF_OPEN }))))
}

/** A daemon of this API version that knows nothing else. */
export async function ofVersion(socketPath: string, ApiVersion: string): Promise<Way> {
  const server = createHttpServer((_, response) => response.end(JSON.stringify({ ApiVersion })))
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return { port: 0, close: () => closed(server) }
}

function connected(near: Socket, far: Socket): void {
  near.pipe(far).pipe(near)
  near.on('error', () => far.destroy())
  far.on('error', () => near.destroy())
}

async function listen(server: Server): Promise<Way> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await closed(server)
  }
  return { port: (server.address() as AddressInfo).port, close }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** An authority, a server's certificate for 127.0.0.1 and a client's, under the names that Docker gives them. */
export function makeCertificates(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=authority')
  writeFileSync(join(folder, 'server.ext'), 'subjectAltName=IP:127.0.0.1\n')
  writeFileSync(join(folder, 'client.ext'), 'extendedKeyUsage=clientAuth\n')
  for (const [who, own, certificate] of [
    ['server', 'server-key.pem', 'server.pem'],
    ['client', 'key.pem', 'cert.pem'],
  ] as const) {
    openssl('req', ...key, '-keyout', own, '-out', `${who}.csr`, '-subj', `/CN=${who}`)
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2', '-extfile', `${who}.ext`]
    openssl('x509', '-req', '-in', `${who}.csr`, ...by, '-out', certificate)
  }
}

export interface SshWay extends Way {
  /** To be first in PATH: an `ssh` that knows this server and its keys, whoever's home it is. */
  readonly programs: string
  readonly user: string
}

/** A server that lets one key in and nothing else; `docker` there is the one of `dockerPath`. */
export async function overSsh(
  dropbear: string,
  {
    folder,
    dockerPath,
    dockerHost,
  }: { readonly folder: string; readonly dockerPath: string; readonly dockerHost: string },
): Promise<SshWay> {
  const programs = join(folder, 'bin')
  mkdirSync(programs, { recursive: true, mode: 0o700 })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'user')])
  const { port, close: free } = await listen(createServer())
  await free()
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${makeHostKey(join(folder, 'host'))}\n`)
  const client = `-i ${folder}/user -o UserKnownHostsFile=${folder}/known_hosts -o IdentitiesOnly=yes -o BatchMode=yes`
  writeProgram(join(programs, 'ssh'), `exec /usr/bin/ssh -F /dev/null ${client} "$@"`)
  const environment = `PATH=${dockerPath}:/usr/bin:/bin DOCKER_HOST=${dockerHost}`
  writeProgram(join(folder, 'session'), `exec env ${environment} sh -c "$SSH_ORIGINAL_COMMAND"`)
  const { username, homedir } = userInfo()
  const server = spawn('unshare', ['-m', 'sh', '-c', ALONE, folder, homedir, dropbear, `127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()))
  await untilHeard(port)
  const close = async (): Promise<void> => {
    server.kill()
    await ended
  }
  return { port, programs, user: username, close }
}

/** As `known_hosts` has it. */
function makeHostKey(path: string): string {
  const said = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', path], { encoding: 'utf8', stdio: 'pipe' })
  const key = said.split('\n').find((line) => line.startsWith('ssh-ed25519 '))
  if (key === undefined) throw new Error(`dropbearkey made no key: ${said}`)
  return key
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}

/** The server looks for keys in the user's home alone: it gets one that only it sees. */
const ALONE = `set -e
mount -t tmpfs -o mode=700 none "$1"
mkdir -m 700 "$1/.ssh"
echo "command=\\"$0/session\\" $(cat "$0/user.pub")" >"$1/.ssh/authorized_keys"
exec "$2" -F -E -s -r "$0/host" -P "$1/pid" -p "$3"`

async function untilHeard(port: number): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const heard = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (heard) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing listens on port ${port}`)
}
