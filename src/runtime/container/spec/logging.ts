/** Where the output goes and how much of it is kept. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import type { MonitorSpec } from '../monitor-spec.ts'
import { forwardTo, type Speaker } from './log-forward.ts'

/** Kept unless the user says otherwise: a chatty container must not fill the disk. */
const KEPT = { maxSizeBytes: 10_000_000, maxFiles: 5 }

/** What Docker keeps of output that goes elsewhere, so that `logs` can show it. */
const CACHED = { maxSizeBytes: 20_000_000, maxFiles: 5 }

const CACHE_OPTIONS = ['cache-disabled', 'cache-max-size', 'cache-max-file']

/** By driver, the options that mean something to us. Others of Docker's only add words to each line, or change how it buffers. */
export const LOG_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['json-file', ['max-size', 'max-file']],
  ['local', ['max-size', 'max-file']],
  ['none', []],
  ['journald', ['tag', ...CACHE_OPTIONS]],
  ['syslog', ['tag', 'syslog-address', 'syslog-facility', 'syslog-format', ...CACHE_OPTIONS]],
])

const HARMLESS = [
  ...['mode', 'max-buffer-size', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  'cache-compress',
]

export function logOf(
  { driver, options }: ContainerSpec['logging'],
  path: string,
  speaker: Speaker,
): MonitorSpec['log'] {
  const known = LOG_OPTIONS.get(driver || 'json-file')
  if (known === undefined)
    throw new DriverError('unsupported', `"logging: driver: ${driver}" is not supported by the native driver`, {
      hint: `use one of: ${[...LOG_OPTIONS.keys()].join(', ')}`,
    })
  if (driver === 'none') return { driver: 'none', path }
  const unknown = Object.keys(options).find((option) => ![...known, ...HARMLESS].includes(option))
  if (unknown !== undefined) throw new DriverError('refused', `log option "${unknown}" is not known`)
  if (driver !== 'journald' && driver !== 'syslog') return { driver: 'json-file', path, ...limitsOf(options, '', KEPT) }
  const forward = forwardTo(driver, options, speaker)
  if (options['cache-disabled'] === 'true') return { driver: 'none', path, forward }
  return { driver: 'json-file', path, ...limitsOf(options, 'cache-', CACHED), forward }
}

function limitsOf(options: ContainerSpec['logging']['options'], prefix: string, usual: typeof KEPT): typeof KEPT {
  const [size, files] = [`${prefix}max-size`, `${prefix}max-file`]
  return {
    maxSizeBytes: options[size] === undefined ? usual.maxSizeBytes : sizeBytes(size, options[size]),
    maxFiles: options[files] === undefined ? usual.maxFiles : count(files, options[files]),
  }
}

function count(option: string, value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value)
  throw new DriverError('refused', `log option "${option}" needs a whole number above zero, not "${value}"`)
}

const UNITS = ['', 'k', 'm', 'g', 't']

/** Docker counts these in thousands: `10m` is ten million; -1 is without end. */
function sizeBytes(option: string, value: string): number {
  if (value === '-1') return Number.MAX_SAFE_INTEGER
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(value) ?? []
  const bytes = Math.floor(Number(digits) * 1000 ** UNITS.indexOf(unit.toLowerCase()))
  if (digits !== undefined && bytes > 0) return bytes
  throw new DriverError('refused', `log option "${option}" needs a size such as "10m", not "${value}"`)
}
