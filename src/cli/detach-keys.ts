/** The keys that end an attachment and leave the program alone: `ctrl-p,ctrl-q`, as Docker writes them. */
import { readFileSync } from 'node:fs'
import { dockerConfigPath } from '../runtime/image/registry/docker-config.ts'
import { Refusal } from './failure.ts'

const USUAL_DETACH_KEYS = 'ctrl-p,ctrl-q'

/** Those of the flag, else those of the user's Docker configuration, else Docker's own. */
export function chooseDetachKeys(flag: string | undefined, env: NodeJS.ProcessEnv): Uint8Array {
  return readDetachKeys(flag || configuredKeys(env) || USUAL_DETACH_KEYS)
}

/** A configuration that can't be read is no reason not to attach; whoever needs more of it says so. */
function configuredKeys(env: NodeJS.ProcessEnv): string | undefined {
  try {
    const config: unknown = JSON.parse(readFileSync(dockerConfigPath(env), 'utf8'))
    const keys = (config as { readonly detachKeys?: unknown } | null)?.detachKeys
    return typeof keys === 'string' ? keys : undefined
  } catch {
    return undefined
  }
}

const SIGNS = '@abcdefghijklmnopqrstuvwxyz[\\]^_'

/** The bytes they send. */
export function readDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(text.split(',').map((key) => byteOf(key, text)))
}

function byteOf(key: string, text: string): number {
  const control = /^ctrl-(.)$/i.exec(key)?.[1]?.toLowerCase()
  const byte = control === undefined ? (key.length === 1 ? key.charCodeAt(0) : -1) : SIGNS.indexOf(control)
  if (byte >= 0 && byte < 128) return byte
  throw new Refusal(
    `invalid detach keys ${JSON.stringify(text)}`,
    'write letters and ctrl- with a letter, with commas between: ctrl-p,ctrl-q',
  )
}

/** Passes input on until the keys come, one after the other. What may be their beginning waits for what follows. */
export async function* untilDetached(
  input: AsyncIterable<Uint8Array>,
  keys: Uint8Array,
  onDetach: () => void,
): AsyncGenerator<Uint8Array> {
  let held = 0
  for await (const data of input) {
    const { passed, held: now } = match(data, keys, held)
    held = now
    if (passed.length > 0) yield Uint8Array.from(passed)
    if (held < keys.length) continue
    onDetach()
    return
  }
  if (held > 0) yield keys.subarray(0, held)
}

/** Reads on after `held` of the keys; stops when all have come. */
function match(data: Uint8Array, keys: Uint8Array, held: number): { readonly passed: number[]; readonly held: number } {
  const passed: number[] = []
  let count = held
  for (const byte of data) {
    if (count === keys.length) break
    if (byte === keys[count]) {
      count += 1
      continue
    }
    passed.push(...keys.subarray(0, count))
    count = byte === keys[0] ? 1 : 0
    if (count === 0) passed.push(byte)
  }
  return { passed, held: count }
}
