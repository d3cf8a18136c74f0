/**
 * Where each line of output goes besides the file: `driver: journald` and `driver: syslog`, by the options of Docker's drivers
 * (https://docs.docker.com/engine/logging/drivers/). Pure.
 */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import type { MonitorSpec } from '../monitor-spec.ts'

/** Whose output it is, for tags and fields. */
export interface Speaker {
  readonly containerId: string
  readonly containerName: string
  readonly imageName: string
  readonly imageId: string
  /** The machine's. */
  readonly hostname: string
}

type Forward = NonNullable<MonitorSpec['log']['forward']>
type SyslogAddress = Extract<Forward, { readonly kind: 'syslog' }>['address']
type Options = ContainerSpec['logging']['options']

export const JOURNAL_SOCKET = '/run/systemd/journal/socket'

/** Where a machine's own syslog server listens. */
export const SYSLOG_SOCKETS = ['/dev/log', '/var/run/syslog', '/var/run/log']

export function forwardTo(driver: 'journald' | 'syslog', options: Options, speaker: Speaker): Forward {
  const tag = tagOf(options.tag || '{{.ID}}', speaker)
  if (driver === 'journald') return { kind: 'journald', socket: JOURNAL_SOCKET, fields: fieldsOf(speaker, tag) }
  const address = addressOf(options['syslog-address'] ?? '')
  const format = formatOf(options['syslog-format'] ?? '')
  const facility = facilityOf(options['syslog-facility'] || 'daemon')
  return { kind: 'syslog', address, format, facility, tag, hostname: speaker.hostname }
}

function fieldsOf(speaker: Speaker, tag: string): Readonly<Record<string, string>> {
  return {
    CONTAINER_ID: shortId(speaker.containerId),
    CONTAINER_ID_FULL: speaker.containerId,
    CONTAINER_NAME: speaker.containerName,
    CONTAINER_TAG: tag,
    IMAGE_NAME: speaker.imageName,
    SYSLOG_IDENTIFIER: tag,
  }
}

const shortId = (id: string): string => id.replace('sha256:', '').slice(0, 12)

const TAG_FIELDS: ReadonlyMap<string, (speaker: Speaker) => string> = new Map([
  ['ID', ({ containerId }) => shortId(containerId)],
  ['FullID', ({ containerId }) => containerId],
  ['Name', ({ containerName }) => containerName],
  ['ImageID', ({ imageId }) => shortId(imageId)],
  ['ImageFullID', ({ imageId }) => imageId],
  ['ImageName', ({ imageName }) => imageName],
  ['DaemonName', () => 'tscompose'],
])

/** `{{.Name}}/{{.ID}}`. */
function tagOf(template: string, speaker: Speaker): string {
  const tag = template.replace(
    /\{\{\s*\.(\w+)\s*\}\}/g,
    (field, name: string) => TAG_FIELDS.get(name)?.(speaker) ?? field,
  )
  if (!tag.includes('{{')) return tag
  throw new DriverError('refused', `log option "tag" has something in "${template}" that can't be filled in`, {
    hint: `write fields as {{.Name}}; there are: ${[...TAG_FIELDS.keys()].join(', ')}`,
  })
}

const DEFAULT_PORT = 514

function addressOf(text: string): SyslogAddress {
  if (text === '') return { transport: 'unix', paths: SYSLOG_SOCKETS }
  const [, transport, path] = /^(unix|unixgram|udp|tcp):\/\/(.+)$/.exec(text) ?? []
  if (path !== undefined && (transport === 'unix' || transport === 'unixgram'))
    return { transport: 'unix', paths: [path] }
  if ((transport === 'udp' || transport === 'tcp') && URL.canParse(text)) {
    const { hostname, port } = new URL(text)
    return { transport, server: `${hostname}:${port || DEFAULT_PORT}` }
  }
  throw new DriverError('refused', `log option "syslog-address" can't be "${text}"`, {
    hint: 'write it as udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH; TLS is not spoken yet',
  })
}

const FORMATS = ['rfc3164', 'rfc5424', 'rfc5424micro'] as const

function formatOf(text: string): 'unix' | (typeof FORMATS)[number] {
  const format = text === '' ? 'unix' : FORMATS.find((one) => one === text)
  if (format !== undefined) return format
  throw new DriverError('refused', `log option "syslog-format" can't be "${text}"`, {
    hint: `use one of: ${FORMATS.join(', ')}`,
  })
}

/** By their numbers in RFC 5424; 12 to 15 have no names. */
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['12', '13', '14', '15'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]

function facilityOf(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : FACILITIES.indexOf(text)
  if (number >= 0 && number < FACILITIES.length) return number
  throw new DriverError('refused', `log option "syslog-facility" can't be "${text}"`, {
    hint: 'use a name such as daemon or local0, or a number from 0 to 23',
  })
}
