/** Whom TLS trusts: the machine's authorities, and what lies in `certs.d/HOST`, as Docker has it: `*.crt` of authorities, `*.cert` with `*.key` of our own. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { DriverError } from '../../../driver/driver.ts'
import { listNames } from '../../state/record-file.ts'

/** Debian and Alpine, Fedora, SUSE. */
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem']

export type Trust = (url: URL, isProved: boolean) => SecureContext

/** One context for each host, made when it is first spoken to. */
export function trustOf(env: NodeJS.ProcessEnv): Trust {
  const contexts = new Map<string, SecureContext>()
  let authorities: readonly string[] | undefined
  return ({ host }, isProved) => {
    // All the world's authorities take a while to read: not for whoever needs no proof.
    if (isProved) authorities ??= machineAuthorities(env)
    const context = contexts.get(host) ?? contextFor(host, (isProved && authorities) || [], env)
    contexts.set(host, context)
    return context
  }
}

function machineAuthorities(env: NodeJS.ProcessEnv): readonly string[] {
  const bundle = [env.SSL_CERT_FILE, ...BUNDLES].find((path) => path !== undefined && existsSync(path))
  const extra = env.NODE_EXTRA_CA_CERTS
  return [
    ...(bundle === undefined ? rootCertificates : [readFileSync(bundle, 'utf8')]),
    ...(extra !== undefined && existsSync(extra) ? [readFileSync(extra, 'utf8')] : []),
  ]
}

function contextFor(host: string, authorities: readonly string[], env: NodeJS.ProcessEnv): SecureContext {
  const configHome = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config')
  const folders = ['/etc/docker/certs.d', join(configHome, 'docker', 'certs.d')].map((one) => join(one, host))
  const files = folders.flatMap((folder) => listNames(folder).map((name) => join(folder, name)))
  const own = files.filter((path) => path.endsWith('.cert'))
  try {
    return createSecureContext({
      ca: [...authorities, ...files.filter((path) => path.endsWith('.crt')).map(read)],
      ...(own.length === 0 ? {} : { cert: own.map(read), key: own.map(keyOf).map(read) }),
    })
  } catch (cause) {
    if (cause instanceof DriverError) throw cause
    throw new DriverError('refused', `the certificates for "${host}" can't be used: ${(cause as Error).message}`, {
      hint: `look at ${folders.map((one) => `"${one}"`).join(' and ')}`,
      cause,
    })
  }
}

const read = (path: string): string => readFileSync(path, 'utf8')

function keyOf(certificate: string): string {
  const key = certificate.replace(/\.cert$/, '.key')
  if (existsSync(key)) return key
  throw new DriverError('refused', `"${certificate}" has no key: "${key}" is missing`, {
    hint: "a client's certificate NAME.cert goes with NAME.key",
  })
}
