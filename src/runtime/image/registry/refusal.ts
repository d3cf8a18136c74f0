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

/** As it is told of what was to be stored there. */
export function refusePush(reference: Reference, answer: Answer): DriverError {
  const image = familiarName(reference)
  const { registry } = reference
  const why = describeStatus(answer)
  switch (answer.status) {
    case 401:
    case 403:
      return new DriverError('permission-denied', `registry "${registry}" does not let you push "${image}": ${why}`, {
        hint: `log in with "${loginCommand(registry)}" as somebody who may`,
      })
    case 404:
      return new DriverError('image-unreachable', `registry "${registry}" has no place for image "${image}": ${why}`, {
        hint: 'check the name; some registries want a repository to be made before',
      })
    case 413:
      return new DriverError('refused', `registry "${registry}" does not take as much at once: ${why}`, {
        hint: 'what stands before it may limit the size of requests',
      })
    case 429:
      return refuseImage(reference, answer)
    default: {
      const code = answer.status >= 500 ? 'image-unreachable' : 'refused'
      return new DriverError(code, `registry "${registry}" does not take image "${image}": ${why}`)
    }
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
