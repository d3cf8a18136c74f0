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

/** A server that lets its own key in and nothing else; `docker` there is the one of `dockerPath`. */
export async function overSsh(
  sshd: string,
  {
    folder,
    dockerPath,
    dockerHost,
  }: { readonly folder: string; readonly dockerPath: string; readonly dockerHost: string },
): Promise<SshWay> {
  const programs = join(folder, 'bin')
  mkdirSync(programs, { recursive: true, mode: 0o700 })
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
  const { port, close: free } = await listen(createServer())
  await free()
  const settings = `
ListenAddress 127.0.0.1:${port}
HostKey ${folder}/host
PidFile none
AuthorizedKeysFile ${folder}/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
SetEnv PATH=${dockerPath}:/usr/bin:/bin DOCKER_HOST=${dockerHost}
`
  writeFileSync(join(folder, 'sshd_config'), settings)
  const known = `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`
  writeFileSync(join(folder, 'known_hosts'), known)
  const client = `-i ${folder}/user -o UserKnownHostsFile=${folder}/known_hosts -o IdentitiesOnly=yes -o BatchMode=yes`
  writeFileSync(join(programs, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F /dev/null ${client} "$@"\n`)
  chmodSync(join(programs, 'ssh'), 0o755)
  const server = spawn('unshare', ['-m', 'sh', '-c', ALONE, folder, sshd, join(folder, 'sshd_config')], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()))
  await untilHeard(port)
  const close = async (): Promise<void> => {
    server.kill()
    await ended
  }
  return { port, programs, user: userInfo().username, close }
}

/** The server wants a user and a directory that only a machine with its package has: it gets them in a mount namespace of its own. */
const ALONE = `set -e
cp /etc/passwd "$0/passwd"
grep -q '^sshd:' "$0/passwd" || echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin' >>"$0/passwd"
mount --bind "$0/passwd" /etc/passwd
mount -t tmpfs none /run
mkdir -m 755 /run/sshd
exec "$1" -D -e -f "$2"`

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
