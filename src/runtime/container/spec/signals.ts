/** Signals by name and number. Pure. */
import { constants } from 'node:os'
import { DriverError } from '../../../driver/driver.ts'

/** The C library keeps 32 and 33 for itself. */
const FIRST_REAL_TIME = 34
const LAST_REAL_TIME = 64

/** `SIGTERM`, `term`, `15`, `SIGRTMIN+3`. */
export function signalNumber(text: string): number {
  const name = text.trim().toUpperCase().replace(/^SIG/, '')
  const number = /^\d+$/.test(name) ? Number(name) : byName(name)
  if (number !== undefined && number >= 1 && number <= LAST_REAL_TIME) return number
  throw new DriverError('refused', `"${text}" is not a signal`, { hint: 'name one as SIGTERM or 15' })
}

function byName(name: string): number | undefined {
  const realTime = /^RTM(IN|AX)(?:([+-])(\d+))?$/.exec(name)
  if (realTime === null) return constants.signals[`SIG${name}` as keyof typeof constants.signals]
  const [, end, sign, distance = '0'] = realTime
  const from = end === 'IN' ? FIRST_REAL_TIME : LAST_REAL_TIME
  return sign === '-' ? from - Number(distance) : from + Number(distance)
}
