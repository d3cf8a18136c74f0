/** Why a registry gave no answer at all, in words. Pure. */
import { DriverError } from '../../../driver/driver.ts'

const CONNECTION: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ECONNREFUSED: ['nothing listens there', 'check that the registry runs, and its port'],
  ECONNRESET: ['it closed the connection', 'try again; check that it is a registry'],
  EPIPE: ['it closed the connection', 'try again; check that it is a registry'],
  ENOTFOUND: ['there is no host of that name', 'check the name of the registry'],
  EAI_AGAIN: ["its name can't be looked up", 'check the network and its name server'],
  ETIMEDOUT: ['it does not answer', 'check the network'],
  EHOSTUNREACH: ['there is no route to it', 'check the network'],
  ENETUNREACH: ['there is no route to it', 'check the network'],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'its operator must renew it'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another name', 'use the name that the certificate is for'],
}

const NO_TLS = [
  'it does not speak TLS',
  'only registries on this machine, and "insecure-registries" of the configuration, may do without',
] as const
const NO_HTTP = ['it does not speak HTTP', 'check the port of the registry'] as const

const untrusted = (host: string): readonly [why: string, hint: string] => [
  'its certificate is not trusted',
  `put its authority's certificate into "/etc/docker/certs.d/${host}/ca.crt", or name it with NODE_EXTRA_CA_CERTS`,
]

const wantsCertificate = (host: string): readonly [why: string, hint: string] => [
  'it wants to see a certificate of yours that it trusts',
  `put yours into "/etc/docker/certs.d/${host}": client.cert and client.key`,
]

export function unreachable({ host }: URL, error: NodeJS.ErrnoException, timeoutMs: number | undefined): DriverError {
  const [why, hint] =
    timeoutMs === undefined ? explain(error, host) : [`no answer within ${timeoutMs / 1000} s`, 'check the network']
  return new DriverError('image-unreachable', `"${host}" can't be reached: ${why}`, { hint, cause: error })
}

function explain({ code = '', message }: NodeJS.ErrnoException, host: string): readonly [why: string, hint: string] {
  const known = CONNECTION[code]
  if (known) return known
  if (/ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/.test(code))
    return wantsCertificate(host)
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) return NO_TLS
  if (code.startsWith('HPE_')) return NO_HTTP
  if (/CERT|ISSUER|LEAF_SIGNATURE|SELF_SIGNED/.test(code)) return untrusted(host)
  return [code === '' ? message : code, 'check the network']
}
