import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Grammar, readArgv, type UsageError } from '../../src/cli/argv.ts'
import { findInvocation } from '../../src/cli/invocation.ts'

const flags = {
  all: { type: 'boolean', char: 'a' },
  detach: { type: 'boolean', char: 'd' },
  'no-tty': { type: 'boolean', char: 'T', aliases: ['no-TTY'] },
  env: { type: 'option', char: 'e', multiple: true },
  file: { type: 'option', char: 'f' },
} as const
const up: Grammar = { flags: [flags], interspersed: true }
const exec: Grammar = { flags: [flags], interspersed: false }

/** `name=text` of each flag, then `--`, then the operands. */
function check(words: readonly string[], grammar: Grammar = up): string {
  const { given, operands } = readArgv(words, grammar)
  return [...given.map((flag) => `${flag.name}=${flag.text}`), '--', ...operands].join(' ')
}

describe('the words that Docker understands', () => {
  test.each([
    [['-ad'], 'all=true detach=true --'],
    [['-fFILE'], 'file=FILE --'],
    [['-f=FILE'], 'file=FILE --'],
    [['-f', 'FILE'], 'file=FILE --'],
    [['-af', 'FILE'], 'all=true file=FILE --'],
    [['-adfFILE', 'web'], 'all=true detach=true file=FILE -- web'],
    [['--file=a=b'], 'file=a=b --'],
    [['--file', '-'], 'file=- --'],
    [['--file', '--detach'], 'file=--detach --'],
    [['--file='], 'file= --'],
    [['--detach=false'], 'detach=false --'],
    [['-d=0'], 'detach=false --'],
    [['--no-TTY'], 'no-tty=true --'],
    [['web', '-d', 'db'], 'detach=true -- web db'],
    [['web', '--', '-d'], '-- web -d'],
    [['-'], '-- -'],
    [['--help', '-h'], 'help=true help=true --'],
  ])('%j', (words, expected) => {
    expect(check(words)).toBe(expected)
  })

  test('everything after the first operand belongs to the program of exec', () => {
    expect(check(['-d', 'web', 'ls', '-la', '--', '--detach', '-h'], exec)).toBe(
      'detach=true -- web ls -la -- --detach -h',
    )
  })

  test('repeated operands keep their order', () => {
    expect(check(['web', 'echo', 'a', 'b', 'a'], exec)).toBe('-- web echo a b a')
  })

  test('a later record of flags wins where letters collide', () => {
    const logs: Grammar = { flags: [flags, { follow: { type: 'boolean', char: 'f' } }], interspersed: true }
    expect(check(['-f', 'web', '--file', 'x'], logs)).toBe('follow=true file=x -- web')
  })
})

describe('the words that Docker refuses', () => {
  test.each([
    [['--nope'], 'unknown flag: --nope'],
    [['-x'], "unknown shorthand flag: 'x' in -x"],
    [['-dx'], "unknown shorthand flag: 'x' in -dx"],
    [['--file'], 'flag needs an argument: --file'],
    [['-af'], "flag needs an argument: 'f' in -af"],
    [['--detach=maybe'], 'invalid argument "maybe" for "-d, --detach" flag: it takes true or false'],
    [['--=x'], 'bad flag syntax: --=x'],
    [['---x'], 'bad flag syntax: ---x'],
  ])('%j', (words, expected) => {
    expect(() => check(words)).toThrow(expected)
  })
})

test('a slip of the finger in a flag or a command is told with what was meant', () => {
  const hintOf = (read: () => unknown): unknown => {
    try {
      return read()
    } catch (error) {
      return (error as UsageError).hint
    }
  }
  expect(hintOf(() => check(['--detahc']))).toBe('did you mean --detach?')
  expect(hintOf(() => check(['--xyzzy']))).toBeUndefined()
  const ids = ['up', 'complete', 'image:ls', 'image:rm']
  expect(hintOf(() => findInvocation(['imgae', 'ls'], ids))).toBe('did you mean "image"?')
  expect(hintOf(() => findInvocation(['image', 'lss'], ids))).toBe('did you mean "ls"?')
  expect(hintOf(() => findInvocation(['completf'], ids))).toBeUndefined()
})

test('whatever is written after -- comes back as operands, word for word', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(readArgv(['--', ...words], up)).toEqual({ given: [], operands: words })
    }),
  )
})

test('every way to write a value gives the same value', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const glued = value !== '' && !value.startsWith('=') ? [[`-f${value}`]] : []
      for (const words of [['--file', value], [`--file=${value}`], ['-f', value], [`-f=${value}`], ...glued]) {
        expect(readArgv(words, up).given).toMatchObject([{ name: 'file', text: value }])
      }
    }),
  )
})

test('the program of exec gets every word after the service, whatever they are', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(readArgv(['-d', 'web', ...words], exec).operands).toEqual(['web', ...words])
    }),
  )
})
