/** Reads a profile of Docker's format, and says what is wrong with it: a filter that does less than was meant is worse than none. Pure. */
import { DriverError } from '../../../driver/driver.ts'
import { ACTIONS, COMPARISONS, type Condition, FLAGS, type Profile, type Rule, type Test } from './profile.ts'

/** `name` is what the user calls it by. A profile without any rule and default is an empty one: undefined. */
export function readProfile(name: string, text: string): Profile | undefined {
  try {
    const document = object(parse(text), 'the profile')
    if (document.defaultAction === undefined && list(document, 'syscalls').length === 0) return undefined
    return profileOf(document)
  } catch (cause) {
    if (!(cause instanceof Mistake)) throw cause
    throw new DriverError('refused', `the seccomp profile "${name}" can't be used: ${cause.message}`, {
      hint: 'its format is that of Docker\'s default profile: "defaultAction", "archMap" and "syscalls"',
      cause,
    })
  }
}

class Mistake extends Error {}

type Fields = Readonly<Record<string, unknown>>

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Mistake(`it is not JSON: ${(cause as Error).message}`, { cause })
  }
}

function profileOf(document: Fields): Profile {
  const architectures = texts(document, 'architectures')
  const archMap = list(document, 'archMap').map((one, at) => family(one, `archMap[${at}]`))
  if (architectures.length > 0 && archMap.length > 0) {
    throw new Mistake('it has both "architectures" and "archMap"')
  }
  if (document.listenerPath !== undefined) throw new Mistake('"listenerPath" is not supported')
  return {
    defaultAction: word(document.defaultAction, 'defaultAction', ACTIONS),
    ...optional('defaultErrnoRet', whole(document.defaultErrnoRet, 'defaultErrnoRet', LARGEST_ERRNO)),
    architectures,
    archMap,
    ...(document.flags == null
      ? {}
      : { flags: texts(document, 'flags').map((flag, at) => word(flag, `flags[${at}]`, FLAGS)) }),
    syscalls: list(document, 'syscalls').map((one, at) => ruleOf(one, `syscalls[${at}]`)),
  }
}

const LARGEST_ERRNO = 4095
const LAST_ARGUMENT = 5

function family(value: unknown, where: string) {
  const fields = object(value, where)
  return {
    architecture: text(fields.architecture, `${where}.architecture`),
    subArchitectures: texts(fields, 'subArchitectures'),
  }
}

function ruleOf(value: unknown, where: string): Rule {
  const fields = object(value, where)
  const includes = conditionOf(fields.includes, `${where}.includes`)
  const excludes = conditionOf(fields.excludes, `${where}.excludes`)
  return {
    names: namesOf(fields, where),
    action: word(fields.action, `${where}.action`, ACTIONS),
    ...optional('errnoRet', whole(fields.errnoRet, `${where}.errnoRet`, LARGEST_ERRNO)),
    args: list(fields, 'args').map((one, at) => testOf(one, `${where}.args[${at}]`)),
    ...optional('includes', includes),
    ...optional('excludes', excludes),
  }
}

/** Older profiles have one `name` for each rule. */
function namesOf(fields: Fields, where: string): readonly string[] {
  const names = texts(fields, 'names')
  if (!fields.name) return names
  if (names.length > 0) throw new Mistake(`"${where}" has both "name" and "names"`)
  return [text(fields.name, `${where}.name`)]
}

function testOf(value: unknown, where: string): Test {
  const fields = object(value, where)
  return {
    index: whole(fields.index, `${where}.index`, LAST_ARGUMENT) ?? 0,
    value: whole(fields.value, `${where}.value`, Number.MAX_SAFE_INTEGER) ?? 0,
    ...optional('valueTwo', whole(fields.valueTwo, `${where}.valueTwo`, Number.MAX_SAFE_INTEGER)),
    op: word(fields.op, `${where}.op`, COMPARISONS),
  }
}

function conditionOf(value: unknown, where: string): Condition | undefined {
  if (value == null) return undefined
  const fields = object(value, where)
  const { minKernel } = fields
  if (minKernel != null && !(typeof minKernel === 'string' && /^\d+\.\d+$/.test(minKernel))) {
    throw new Mistake(`"${where}.minKernel" is ${shown(minKernel)}, not a version such as "4.8"`)
  }
  return { caps: texts(fields, 'caps'), arches: texts(fields, 'arches'), ...optional('minKernel', minKernel) }
}

function optional<K extends string, V>(key: K, value: V | null | undefined): { readonly [key in K]?: V } {
  return value == null ? {} : ({ [key]: value } as { readonly [key in K]?: V })
}

function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new Mistake(`${where === 'the profile' ? where : `"${where}"`} is ${shown(value)}, not an object`)
}

/** What is absent or null is empty. */
function list(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key] ?? []
  if (Array.isArray(value)) return value
  throw new Mistake(`"${key}" is ${shown(value)}, not a list`)
}

function texts(fields: Fields, key: string): readonly string[] {
  return list(fields, key).map((one, at) => text(one, `${key}[${at}]`))
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw new Mistake(`"${where}" is ${shown(value)}, not a text`)
}

function word(value: unknown, where: string, known: readonly string[]): string {
  if (typeof value === 'string' && known.includes(value)) return value
  throw new Mistake(`"${where}" is ${shown(value)}, not one of ${known.join(', ')}`)
}

function whole(value: unknown, where: string, largest: number): number | undefined {
  if (value == null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largest) return value
  throw new Mistake(`"${where}" is ${shown(value)}, not a whole number from 0 to ${largest}`)
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
