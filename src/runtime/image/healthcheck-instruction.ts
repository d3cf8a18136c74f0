/** The HEALTHCHECK instruction of a Dockerfile: `[OPTIONS] CMD command`, or `NONE`. Durations become nanoseconds. Pure. */
import type { ImageHealthcheck } from '../container/spec/image.ts'

const OPTION = /^--([a-z-]+)=(\S+)\s+/
const UNIT_NS: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 }
const DURATIONS: Readonly<Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
}

/** `refuse` never returns: it names the line. */
export function healthcheckOf(text: string, refuse: (why: string) => never): ImageHealthcheck {
  let rest = text
  let options: ImageHealthcheck = {}
  for (let option = OPTION.exec(rest); option; option = OPTION.exec(rest)) {
    options = { ...options, ...optionOf(option[1] as string, option[2] as string, refuse) }
    rest = rest.slice(option[0].length)
  }
  if (/^none$/i.test(rest)) return { Test: ['NONE'] }
  const [, command] = /^cmd\s+([\s\S]+)$/i.exec(rest) ?? []
  if (command === undefined) refuse('it must be followed by CMD or NONE')
  return { Test: testOf(command as string), ...options }
}

function testOf(command: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(command)
    if (Array.isArray(value)) return ['CMD', ...value.map(String)]
  } catch {
    // A line for the shell.
  }
  return ['CMD-SHELL', command]
}

function optionOf(name: string, value: string, refuse: (why: string) => never): ImageHealthcheck {
  if (name === 'retries') return /^\d+$/.test(value) ? { Retries: Number(value) } : refuse('"--retries" takes a number')
  const key = DURATIONS[name]
  if (key === undefined) return refuse(`it has no option "--${name}"`)
  return { [key]: durationNs(value) ?? refuse(`"${value}" is not a duration`) }
}

function durationNs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)]
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_NS[unit as string] ?? 0), 0)
}
