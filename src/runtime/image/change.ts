/** `--change`: one Dockerfile instruction applied to an image's configuration, as `docker import` and `docker commit` take them. Pure. */
import { posix } from 'node:path'
import { DriverError } from '../../driver/driver.ts'
import type { ImageConfig } from '../container/spec/image.ts'
import { healthcheckOf } from './healthcheck-instruction.ts'
import { splitWords } from './words.ts'

type Apply = (config: ImageConfig, rest: string, line: string) => ImageConfig

const INSTRUCTIONS: Readonly<Record<string, Apply>> = {
  CMD: (config, rest) => ({ ...config, Cmd: argvOf(rest) }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: argvOf(rest) }),
  ENV: (config, rest, line) => ({ ...config, Env: withEnvironment(config, pairsOf(config, rest, line)) }),
  EXPOSE: (config, rest, line) => ({
    ...config,
    ExposedPorts: withKeys(config.ExposedPorts, portsOf(config, rest, line)),
  }),
  HEALTHCHECK: (config, rest, line) => ({ ...config, Healthcheck: healthcheckOf(rest, (why) => refuse(line, why)) }),
  LABEL: (config, rest, line) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairsOf(config, rest, line)) },
  }),
  STOPSIGNAL: (config, rest, line) => ({ ...config, StopSignal: oneWord(config, rest, line) }),
  USER: (config, rest, line) => ({ ...config, User: oneWord(config, rest, line) }),
  VOLUME: (config, rest) => ({ ...config, Volumes: withKeys(config.Volumes, jsonArgv(rest) ?? words(config, rest)) }),
  WORKDIR: (config, rest, line) => ({
    ...config,
    WorkingDir: posix.resolve(config.WorkingDir || '/', oneWord(config, rest, line)),
  }),
}

export function applyChange(config: ImageConfig, line: string): ImageConfig {
  const [, name = '', rest = ''] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(line) ?? []
  const apply = INSTRUCTIONS[name.toUpperCase()]
  if (apply === undefined) {
    throw new DriverError('refused', `"${name}" is not an instruction that --change takes`, {
      hint: `use one of ${Object.keys(INSTRUCTIONS).join(', ')}`,
    })
  }
  if (rest === '') refuse(line, 'it needs an argument')
  return apply(config, rest, line)
}

/** `["a", "b"]` as it is, everything else by the shell. */
export function argvOf(text: string): readonly string[] {
  return jsonArgv(text) ?? ['/bin/sh', '-c', text]
}

function jsonArgv(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

function words(config: ImageConfig, text: string): readonly string[] {
  return splitWords(text, (name) => {
    const found = (config.Env ?? []).find((one) => one.startsWith(`${name}=`))
    return found?.slice(name.length + 1) ?? ''
  })
}

function oneWord(config: ImageConfig, text: string, line: string): string {
  const [first, ...more] = words(config, text)
  if (first === undefined || more.length > 0) refuse(line, 'it takes one argument')
  return first as string
}

/** `a=1 b="2 3"`, or the old form `a the rest of the line`. */
function pairsOf(config: ImageConfig, text: string, line: string): readonly (readonly [string, string])[] {
  const old = /^([^\s="']+)\s+([\s\S]+)$/.exec(text)
  if (old) return [[old[1] as string, words(config, old[2] as string).join(' ')]]
  return words(config, text).map((word) => {
    const equals = word.indexOf('=')
    if (equals < 1) refuse(line, `"${word}" is not of the form KEY=VALUE`)
    return [word.slice(0, equals), word.slice(equals + 1)]
  })
}

function withEnvironment(config: ImageConfig, pairs: readonly (readonly [string, string])[]): readonly string[] {
  const environment = [...(config.Env ?? [])]
  for (const [key, value] of pairs) {
    const at = environment.findIndex((one) => one.startsWith(`${key}=`))
    environment[at === -1 ? environment.length : at] = `${key}=${value}`
  }
  return environment
}

function portsOf(config: ImageConfig, text: string, line: string): readonly string[] {
  return words(config, text).flatMap((word) => {
    const [, first, last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/.exec(word) ?? []
    const [start, end] = [Number(first), Number(last)]
    if (!(start >= 1 && end >= start && end <= 65535)) refuse(line, `"${word}" is not a port`)
    return Array.from({ length: end - start + 1 }, (_, offset) => `${start + offset}/${protocol}`)
  })
}

function withKeys(
  before: Readonly<Record<string, unknown>> | null | undefined,
  keys: readonly string[],
): Record<string, unknown> {
  return { ...before, ...Object.fromEntries(keys.map((key) => [key, {}])) }
}

function refuse(line: string, why: string): never {
  throw new DriverError('refused', `"${line.trim()}" can't be applied to the image: ${why}`)
}
