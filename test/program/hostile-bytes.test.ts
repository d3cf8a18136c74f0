/** Bytes that no text should have, names that are dangerous to programs or terminals, and circles. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are tested
import { describe, expect, test } from 'vitest'
import { compose, loads, refuses, service } from '../support/hostile.ts'
import { measuredRun } from '../support/measured-run.ts'

const bytes = (...parts: readonly (string | readonly number[])[]) => ({
  'compose.yaml': Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  ),
})

describe('bytes that no text should have', () => {
  refuses([
    [
      'a tab as indentation',
      compose('services:\n  web:\n\timage: nginx\n'),
      /^compose.yaml:3:1: error: a tab can't indent YAML/,
    ],
    [
      'invalid UTF-8',
      bytes(service('    hostname: a'), [0xff]),
      /^compose.yaml:4:16: error: .* is not UTF-8 text: the byte 0xFF can't stand here/,
    ],
    [
      'a sequence that is cut off',
      bytes(service('    hostname: a'), [0xf0, 0x9f]),
      /^compose.yaml:4:16: error: .* \[invalid-utf8\]/,
    ],
    [
      'a NUL',
      compose(service('    hostname: a\0b\n')),
      /^compose.yaml:4:16: error: the character U\+0000 can't stand in a YAML file/,
    ],
    [
      'an escape of a terminal',
      compose('services:\n  a\x1b[31mred: {}\n'),
      /^compose.yaml:2:4: error: the character U\+001B can't/,
    ],
    ['UTF-32', bytes([0xff, 0xfe, 0, 0, 0x73, 0, 0, 0]), /^compose.yaml:1:\d+: error/],
    ['nothing at all', compose(''), /^compose.yaml:1:1: error: empty compose file/],
  ])
  loads([
    ['line ends of Windows', compose(service('').replaceAll('\n', '\r\n'))],
    ['line ends of old Macs', compose(service('').replaceAll('\n', '\r'))],
    ['a byte order mark', bytes([0xef, 0xbb, 0xbf], service(''))],
    ['UTF-16 with its mark', { 'compose.yaml': Buffer.from(`\uFEFF${service('')}`, 'utf16le') }],
  ])
})

describe('names', () => {
  refuses([
    [
      'a service with an escape sequence, never printed as it is',
      compose('services:\n  "a\\e[31mred": {image: x}\n'),
      /"a\\u001b\[31mred" can't be a name/,
    ],
    [
      'a key that sets the title of the window',
      compose(service('    "im\\e]0;x\\aage": b\n')),
      /unknown key "im\\u001b\]0;x\\u0007age"/,
    ],
    [
      'a key that runs the other way',
      compose(service('    "im\\u202Eage": b\n')),
      /unknown key "im\\u202eage".*\n.*\n.*\n {2}hint: did you mean "image"\?/,
    ],
    [
      'a key that is the prototype',
      compose(service('    __proto__: {privileged: true}\n')),
      /^compose.yaml:4:5: error: unknown key "__proto__"/,
    ],
    [
      'a key that stands twice',
      compose('services:\n  a: {image: x}\n  a: {image: y}\n'),
      /^compose.yaml:3:3: error: the key "a" stands twice/,
    ],
  ])
  test('of the prototype are plain data where any name may stand', () => {
    const text =
      'services:\n  constructor: {image: x}\n  __proto__: {image: y, environment: {__proto__: polluted, toString: b}}\n'
    const { status, stdout, stderr } = measuredRun({ files: compose(text), args: ['config', '--format', 'json'] })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('"__proto__": "polluted"')
    expect(Object.keys(JSON.parse(stdout).services)).toEqual(['__proto__', 'constructor'])
  })
})

describe('circles are told with each of their steps', () => {
  refuses([
    [
      'of dependencies',
      compose(
        'services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x, depends_on: [a]}\n',
      ),
      /^compose.yaml:2:30: error: services depend on each other in a circle: a -> b -> c -> a/,
    ],
    [
      'of extends',
      compose('services:\n  a: {extends: b}\n  b: {extends: a}\n'),
      /^compose.yaml:2:16: error: services extend each other in a circle: a -> b -> a/,
    ],
    [
      'of includes',
      { 'compose.yaml': 'include: [b.yaml]\n', 'b.yaml': 'include: [compose.yaml]\n' },
      /^b.yaml:1:11: error: files include each other in a circle: compose.yaml -> b.yaml -> compose.yaml/,
    ],
    [
      'of aliases',
      compose('x-a: &a [*a]\n'),
      /^compose.yaml:1:\d+: error: the alias "\*a" stands before or inside the value it names/,
    ],
  ])
})

describe('variables without end', () => {
  refuses([
    [
      'an open brace',
      compose(service('    hostname: "${"\n')),
      /^compose.yaml:4:16: error: "\$\{" is not a valid reference/,
    ],
    [
      'an open name',
      compose(service('    hostname: "${A"\n')),
      /^compose.yaml:4:16: error: "\$\{A" is not a valid reference/,
    ],
    [
      'an open default',
      compose(service('    hostname: "${A:-"\n')),
      /^compose.yaml:4:16: error: "\$\{A:-" is not a valid reference/,
    ],
  ])
})
