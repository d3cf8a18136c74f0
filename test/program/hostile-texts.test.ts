/** Nesting without end, texts of a megabyte wherever there is a grammar, and projects that are only large. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are tested
import { describe } from 'vitest'
import { type Case, compose, fill, loads, MB, refuses, service, times } from '../support/hostile.ts'

const LEVELS = 10_000
const nested = (open: string, inside = '', close = ''): string => open.repeat(LEVELS) + inside + close.repeat(LEVELS)

describe('ten thousand levels of nesting', () => {
  const DEEP = 'error: more than 200 levels of nesting \\[yaml-too-deep\\]'
  const at = (place: string): RegExp => new RegExp(`^compose.yaml:${place}: ${DEEP}`)
  const NESTED = /^compose.yaml:4:\d+: error: defaults are nested more than 32 levels deep \[invalid-interpolation\]/
  refuses([
    // Ten thousand of these are larger than a file may be.
    ['block mappings', compose(times(4000, (level) => `${' '.repeat(level)}a:\n`)), at('201:201')],
    ['lists in brackets', compose(`x-a: ${nested('[', '', ']')}\n`), at('1:206')],
    ['mappings in braces', compose(`x-a: ${nested('{a: ', '', '}')}\n`), at('1:803')],
    ['keys in braces', compose(`x-a: ${nested('{? ', '', '}')}\n`), at('1:606')],
    ['mappings in brackets', compose(`x-a: ${nested('[a: ', '', ']')}\n`), at('1:\\d+')],
    ['dashes', compose(`x-a:\n ${nested('- ', 'a')}\n`), at('2:402')],
    ['question marks', compose(`${nested('? ', 'a')}\n`), at('1:\\d+')],
    ['colons', compose(`${nested(': ', 'a')}\n`), /^compose.yaml:1:\d+: error/],
    ['a key of brackets', compose(`${nested('[', '', ']')}: a\n`), /^compose.yaml:1:\d+: error/],
    ['defaults of variables', compose(service(`    hostname: "${nested('${A:-', 'x', '}')}"\n`)), NESTED],
    ['messages of variables', compose(service(`    hostname: "${nested('${A:?', 'x', '}')}"\n`)), NESTED],
    [
      'defaults without end',
      compose(service(`    hostname: "${nested('${A:-')}"\n`)),
      /^compose.yaml:4:16: error: "\$\{A:-\$\{A.*\.\.\." is not a valid reference to a variable \[invalid-interpolation\]/,
    ],
  ])
})

/** A service whose attribute is a text of a megabyte. */
const long = (attribute: string, piece: string, [before, after] = ['', '']): ReturnType<typeof compose> =>
  compose(service(`    ${attribute.replace('%', () => `"${before}${fill(piece, MB)}${after}"`)}\n`))

describe('a text of a megabyte that is wrong is refused, and not repeated at length', () => {
  const refused = (name: string, files: Case[1], code: string): Case => [
    name,
    files,
    new RegExp(`^compose.yaml:4:\\d+: error: .*\\[${code}\\]`),
  ]
  refuses([
    refused('digits of a port', long('ports: [%]', '1'), 'bad-port'),
    refused('colons of a port', long('ports: [%]', '1:'), 'bad-port'),
    refused('a port range of dashes', long('ports: [%]', '1-'), 'bad-port'),
    refused('an IPv6 address of a port', long('ports: [%]', '1:', ['[', ']:80:80']), 'bad-port'),
    refused('an address of dots', long('ports: [%]', '1.', ['', ':80:80']), 'bad-port'),
    refused('a protocol', long('ports: [%]', '/', ['80/', '']), 'bad-port'),
    refused('colons of a volume', long('volumes: [%]', ':'), 'bad-volume'),
    refused('an undefined volume', long('volumes: [%]', 'a', ['', ':/a']), 'volume-undefined'),
    refused('digits of a duration', long('stop_grace_period: %', '1'), 'wrong-type'),
    refused('parts of a duration', long('stop_grace_period: %', '1s'), 'wrong-type'),
    refused('dots of a duration', long('stop_grace_period: %', '1.'), 'wrong-type'),
    refused('digits of a size', long('mem_limit: %', '1'), 'wrong-type'),
    refused('dots of a size', long('mem_limit: %', '1.', ['', 'g']), 'wrong-type'),
    refused('digits of a number', long('scale: %', '1'), 'wrong-type'),
    refused('digits of a fraction', long('cpus: %', '1', ['0.', 'x']), 'wrong-type'),
    refused('digits of a mode', long('configs: [{source: a, mode: %}]', '8'), 'wrong-type'),
    refused('a host without address', long('extra_hosts: [%]', 'a'), 'bad-host'),
    refused('colons of a device', long('devices: [%]', ':'), 'bad-device'),
    refused('an open quote of a command', long('command: %', "a' "), 'bad-command'),
    refused('a policy', long('pull_policy: %', 'every_'), 'bad-value'),
    refused('a service to link to', long('links: [%]', 'a'), 'depends-on-undefined'),
    refused('a health check', long('healthcheck: {test: [%]}', 'a'), 'bad-healthcheck'),
    refused('base64 that is none', long('hostname: !!binary %', 'a', ['', '!']), 'yaml-tag'),
    refused('an alias', compose(service(`    hostname: *${fill('a', MB)}\n`)), 'yaml-alias'),
    ['a tag', compose(`x-a: !<${fill('a', MB)}\n`), /^compose.yaml:1:6: error: this is not a tag/],
    [
      'a directive',
      compose(`%TAG${fill(' ', MB)}\n---\n${service('')}`),
      /^compose.yaml:1:1: error: .* is not a directive of YAML/,
    ],
    [
      'an unknown key',
      compose(service(`    ? "${fill('a', MB)}"\n    : b\n`)),
      /^compose.yaml:4:7: error: unknown key .*\[unknown-key\]/,
    ],
    [
      'the name of a variable',
      { 'compose.yaml': service(''), '.env': `${fill('A B', MB)}=c\n` },
      /^\.env:1:1: error: .*\[env-file-syntax\]/,
    ],
    [
      'a value in an open quote',
      { 'compose.yaml': service(''), '.env': `A='${fill('\\\\', MB)}` },
      /^\.env:1:3: error: the quote ' is never closed/,
    ],
    [
      'twenty thousand unknown keys',
      compose(service(times(20_000, (index) => `    imag${index}: b\n`))),
      /^compose.yaml:4:5: error: unknown key "imag0" in "services.web" \[unknown-key\]/,
    ],
    [
      'twenty thousand keys twice',
      compose(service(`    labels: {${fill('a, ', 80_000)}}\n`)),
      /^compose.yaml:4:17: error: the key "a" stands twice/,
    ],
    [
      'three thousand services nobody declared',
      compose(
        service(
          `    depends_on: [${times(3000, (index) => `d${index}, `)}]\n${times(3000, (index) => `  s${index}: {image: x}\n`)}`,
        ),
      ),
      /^compose.yaml:4:18: error: service "web" depends on undefined service "d0" \[depends-on-undefined\]/,
    ],
  ])
})

describe('a text of a megabyte that may stand there is taken', () => {
  loads([
    ['words of a command', long('command: %', 'a ')],
    ['substitutions in a command', long('command: %', '$$(a)')],
    ['backslashes of a command', long('command: %', '\\\\')],
    ['a path of dots', long('volumes: [%]', 'a/../', ['./', ':/a'])],
    ['options of a volume', long('volumes: [%]', 'ro,', ['./a:/a:', ''])],
    ['braces of a volume', long('volumes: [%]', '$${', ['./a:/a', ''])],
    ['slashes of a target', long('volumes: [{type: bind, source: ., target: %}]', '/', ['/a', 'x'])],
    ['addresses of a host', long('extra_hosts: [%]', '1,', ['a=', '1'])],
    ['a watched path', long('develop: {watch: [{path: %, action: rebuild}]}', 'a/', ['./', ''])],
    ['spaces before an equals sign', long('labels: [%]', ' ', ['a', '=b'])],
    ['digits in base 60', long('labels: {a: %}', '1:')],
    ['zeros of a fraction', compose(service(`    labels: {a: 2024-01-01T0:0:0.${fill('0', MB)}x}\n`))],
    ['digits', compose(service(`    labels: {a: ${fill('1', MB)}}\n`))],
    ['base64', long('hostname: !!binary %', 'aGkh')],
    ['the name of a service', compose(`services:\n  ? "${fill('a', MB)}"\n  : image: x\n`)],
    ['the name of a project', compose(`name: "${fill('-_', MB)}a"\n${service('')}`)],
    [
      'two keys of digits',
      compose(
        service(
          `    labels:\n      ? "${fill('1', MB / 2)}a"\n      : a\n      ? "${fill('1', MB / 2)}b"\n      : b\n`,
        ),
      ),
    ],
  ])
})

describe('a project that is only large loads', () => {
  loads([
    [
      'a hundred thousand variables',
      compose(service(`    environment:\n${times(100_000, (index) => `      K${index}: v${index}\n`)}`)),
    ],
    [
      'a hundred thousand labels',
      compose(service(`    labels:\n${times(100_000, (index) => `      - K${index}=v${index}\n`)}`)),
    ],
    [
      'an env file of a hundred thousand variables',
      { 'compose.yaml': service('    env_file: e\n'), e: times(100_000, (index) => `K${index}=v${index}\n`) },
    ],
    ['all ports there are', compose(service('    ports: ["1-65535:1-65535"]\n'))],
    [
      'every port on a line of its own',
      compose(service(`    ports:\n${times(65_535, (index) => `      - "${index + 1}:80"\n`)}`)),
    ],
    [
      'ten thousand profiles',
      {
        files: compose(service(`    profiles: [${times(10_000, (index) => `p${index}, `)}]\n`)),
        args: ['--profile', 'p9999', 'config', '-q'],
      },
    ],
    [
      'ten thousand links',
      compose(
        `services:\n  web: {image: x, links: [${times(10_000, (index) => `s${index}, `)}]}\n${times(10_000, (index) => `  s${index}: {image: x}\n`)}`,
      ),
    ],
    [
      'fifty thousand resets',
      {
        files: {
          'a.yaml': service(`    environment:\n${times(50_000, (index) => `      K${index}: v\n`)}`),
          'b.yaml': service(`    environment:\n${times(50_000, (index) => `      K${index}: !reset null\n`)}`),
        },
        args: ['-f', 'a.yaml', '-f', 'b.yaml', 'config', '-q'],
      },
    ],
    [
      'three thousand services of another file',
      {
        'compose.yaml': `services:\n${times(3000, (index) => `  s${index}: {extends: {file: b.yaml, service: b${index}}}\n`)}`,
        'b.yaml': `services:\n${times(3000, (index) => `  b${index}: {image: x}\n`)}`,
      },
    ],
    [
      'a thousand pools of addresses',
      {
        files: {
          'a.yaml': `${service('    networks: [n]\n')}networks: {n: {ipam: {config: [${times(900, (index) => `{subnet: 10.1.${index}.0/24}, `)}]}}}\n`,
          'b.yaml': `networks: {n: {ipam: {config: [${times(900, (index) => `{subnet: 10.1.${index}.0/24}, `)}]}}}\n`,
        },
        args: ['-f', 'a.yaml', '-f', 'b.yaml', 'config', '-q'],
      },
    ],
    [
      'hundreds of files',
      {
        files: Object.fromEntries(
          Array.from({ length: 300 }, (_, index) => [`${index}.yaml`, `services: {s${index}: {image: x}}\n`]),
        ),
        args: [...Array.from({ length: 300 }, (_, index) => ['-f', `${index}.yaml`]).flat(), 'config', '-q'],
      },
    ],
  ])
})
