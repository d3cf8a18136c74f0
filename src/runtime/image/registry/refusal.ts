/** What a registry refuses, in words. Its own are untrusted: they are shown without anything a terminal would obey. Pure. */
import { DriverError } from '../../../driver/driver.ts'
import { familiarName, HUB, type Reference } from '../reference.ts'
import type { Answer } from './exchange.ts'

export function refuseImage(reference: Reference, answer: Answer): DriverError {
  const image = familiarName(reference)
  const { registry } = reference
  switch (answer.status) {
    case 404:
      return new DriverError('image-not-found', `image "${image}" is not in the registry`, {
        hint: `check its name and its tag at "${registry}"`,
      })
    case 401:
    case 403:
      return new DriverError('permission-denied', `registry "${registry}" does not show you image "${image}"`, {
        hint: `check the name, or log in with "${loginCommand(registry)}": private and missing images look alike from outside`,
      })
    case 429:
      return new DriverError('image-unreachable', `registry "${registry}" wants to be asked less often`, {
        hint: `${waitingTime(answer)}; who is logged in may ask more often`,
      })
    default:
      return new DriverError('image-unreachable', `registry "${registry}" fails: ${describeStatus(answer)}`, {
        hint: 'try again later',
      })
  }
}

export const loginCommand = (registry: string): string => `tscompose login${registry === HUB ? '' : ` ${registry}`}`

function waitingTime({ headers }: Answer): string {
  const seconds = Number(headers['retry-after'])
  return Number.isInteger(seconds) && seconds > 0 ? `try again in ${seconds} s` : 'try again later'
}

const LONGEST_DETAIL = 200

/** `status 403 (authentication required)`. */
export function describeStatus({ status, body }: Answer): string {
  const detail = detailOf(body)
  return `status ${status}${detail === '' ? '' : ` (${detail})`}`
}

function detailOf(body: Buffer): string {
  const { errors, error_description: description, details, message } = parse(body)
  const first: unknown = Array.isArray(errors)
    ? (errors[0] as { readonly message?: unknown } | null)?.message
    : undefined
  const text = [first, description, details, message].find((one) => typeof one === 'string') ?? ''
  return String(text)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_DETAIL)
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return (JSON.parse(body.toString()) as Record<string, unknown> | null) ?? {}
  } catch {
    return {}
  }
}
