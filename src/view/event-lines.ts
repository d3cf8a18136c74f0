/** Events as `docker compose events` writes them: a line of text, or an object of JSON. */
import { type ContainerEvent, LABEL } from '../driver/driver.ts'
import { goJson } from './go-template/values.ts'

/** `2026-11-25 19:11:54.439722 container create ID (image=…, name=…)`, in local time. */
export function eventLine(event: ContainerEvent): string {
  const attributes = Object.entries(attributesOf(event)).map(([key, value]) => `${key}=${value}`)
  return `${localTime(event.timeNs)} container ${event.action} ${event.containerId} (${attributes.join(', ')})\n`
}

export function eventJson(event: ContainerEvent): string {
  const { action, containerId: id, labels } = event
  const time = rfc3339(event.timeNs)
  return `${goJson({ action, attributes: attributesOf(event), id, service: labels[LABEL.service] ?? '', time, type: 'container' })}\n`
}

/** Compose's own labels, and ours, are no news to anybody. */
function attributesOf({ containerName, image, labels, attributes }: ContainerEvent): Readonly<Record<string, string>> {
  const own = Object.entries(labels).filter(([key]) => !/^(com[.]docker[.]compose|tscompose)[.]/.test(key))
  const all = [...own, ...Object.entries(attributes), ['image', image] as const, ['name', containerName] as const]
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const NANOS_PER_MS = 1_000_000n

function localTime(timeNs: bigint): string {
  const date = new Date(Number(timeNs / NANOS_PER_MS))
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${day} ${clock}.${fraction(timeNs, 6)}`
}

/** Without zeros at the end of the fraction, as Go writes it. */
function rfc3339(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / NANOS_PER_MS)).toISOString().slice(0, 19)
  const digits = fraction(timeNs, 9).replace(/0+$/, '')
  return `${seconds}${digits === '' ? '' : `.${digits}`}Z`
}

function fraction(timeNs: bigint, digits: number): string {
  return String(timeNs % 1_000_000_000n)
    .padStart(9, '0')
    .slice(0, digits)
}
