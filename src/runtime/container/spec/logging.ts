/** Where the output goes and how much of it is kept. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import type { MonitorSpec } from '../monitor-spec.ts'

/** Kept unless the user says otherwise: a chatty container must not fill the disk. */
const MAX_SIZE_BYTES = 10_000_000
const MAX_FILES = 5

/** Options that only add words to each line, or change how Docker buffers. */
const HARMLESS = new Set(['mode', 'max-buffer-size', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'])

export function logOf(logging: ContainerSpec['logging'], path: string): MonitorSpec['log'] {
  if (logging.driver === 'none') return { driver: 'none', path }
  if (!['', 'json-file', 'local'].includes(logging.driver)) {
    throw new DriverError('unsupported', `"logging: driver: ${logging.driver}" is not supported by the native driver`, {
      hint: 'use "json-file", "local" or "none"',
    })
  }
  const limits = { maxSizeBytes: MAX_SIZE_BYTES, maxFiles: MAX_FILES }
  for (const [option, value] of Object.entries(logging.options)) Object.assign(limits, readOption(option, value))
  return { driver: 'json-file', path, ...limits }
}

function readOption(option: string, value: string): { readonly maxSizeBytes?: number; readonly maxFiles?: number } {
  if (HARMLESS.has(option)) return {}
  if (option === 'max-size')
    return { maxSizeBytes: value === '-1' ? Number.MAX_SAFE_INTEGER : sizeBytes(option, value) }
  if (option === 'max-file' && /^[1-9]\d*$/.test(value)) return { maxFiles: Number(value) }
  const problem = option === 'max-file' ? `needs a whole number above zero, not "${value}"` : 'is not known'
  throw new DriverError('refused', `log option "${option}" ${problem}`)
}

const UNITS = ['', 'k', 'm', 'g', 't']

/** Docker counts these in thousands: `10m` is ten million. */
function sizeBytes(option: string, value: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(value) ?? []
  const bytes = Math.floor(Number(digits) * 1000 ** UNITS.indexOf(unit.toLowerCase()))
  if (digits !== undefined && bytes > 0) return bytes
  throw new DriverError('refused', `log option "${option}" needs a size such as "10m", not "${value}"`)
}
