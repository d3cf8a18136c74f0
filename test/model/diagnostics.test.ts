/**
 * Every mistake is told where it was made, with something to do about it. The place that must be told stands between ⟦ and ⟧ in the
 * files below, which are taken out before they are loaded.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are tested too
import { describe, expect, test } from 'vitest'
import { ComposeError, type Diagnostic, type DiagnosticCode } from '../../src/diagnostic.ts'
import { loadProject } from '../../src/model/load.ts'
import type { LoadOptions } from '../../src/model/settings.ts'
import { optionsOver } from '../support/load-files.ts'

type Files = Readonly<Record<string, string>>

interface Case {
  /** In the order of the places, then those without one. */
  readonly codes: readonly DiagnosticCode[]
  /** `compose.yaml`, or several. */
  readonly files: string | Files
  readonly options?: Partial<LoadOptions>
  /** What each code's notes and hint have to say. */
  readonly says?: RegExp
}

interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length: number
}

const MARKED = /⟦([^⟧]*)⟧/g

function placesIn(files: Files): readonly Place[] {
  return Object.entries(files).flatMap(([file, text]) =>
    [...text.matchAll(MARKED)].map((mark) => {
      const before = text.slice(0, mark.index).replaceAll(/[⟦⟧]/g, '')
      const lineStart = before.lastIndexOf('\n') + 1
      const [marked = ''] = (mark[1] ?? '').split('\n')
      return {
        file,
        line: before.split('\n').length,
        column: before.length - lineStart + 1,
        length: Math.max(1, marked.length),
      }
    }),
  )
}

function diagnose(files: Files, options: Partial<LoadOptions> = {}): readonly Diagnostic[] {
  const plain = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replaceAll(/[⟦⟧]/g, '')]))
  try {
    return loadProject(optionsOver(plain, { projectName: 'app', ...options })).warnings
  } catch (error) {
    if (error instanceof ComposeError) return error.diagnostics
    throw error
  }
}

function check({ codes, files, options, says }: Case): void {
  const all = typeof files === 'string' ? { 'compose.yaml': files } : files
  const told = diagnose(all, options)
  const places = placesIn(all)
  const expected = codes.map((code, index) => ({ code, ...places[index] }))
  const found = told.map(({ code, at }) => ({
    code,
    ...(at && { file: at.file, line: at.line, column: at.column, length: at.length }),
  }))
  const order = (a: { code: string; file?: string; line?: number; column?: number }): string => JSON.stringify(a)
  expect(found.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))).toEqual(
    expected.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  )
  for (const one of told) {
    expect(one.hint, one.message).not.toBe('')
    expect(one.message).toMatch(/^\S.*[^.]$|^The "/)
    if (one.at) expect(one.at.sourceLine?.length, one.message).toBeGreaterThanOrEqual(one.at.column - 1)
  }
  if (says)
    expect(told.map((one) => `${one.hint} ${(one.notes ?? []).map(noteText).join(' ')}`).join('\n')).toMatch(says)
}

const noteText = ({ message, at }: NonNullable<Diagnostic['notes']>[number]): string =>
  at ? `${at.file}:${at.line}:${at.column} ${message}` : message

/** A service with more to it. */
const web = (lines: string, more = ''): string =>
  `services:\n  web:\n    image: x\n${lines.replaceAll(/^/gm, '    ')}\n${more}`

function cases(table: Readonly<Record<string, Case>>): void {
  for (const [name, one] of Object.entries(table)) test(name, () => check(one))
}

describe('YAML', () => {
  cases({
    'a tab': { codes: ['yaml-syntax'], files: 'services:\n⟦\t⟧web: {image: x}\n', says: /spaces/ },
    'a tab behind a dash': { codes: ['yaml-syntax'], files: web('ports:\n-⟦\t⟧80'), says: /spaces/ },
    'no space behind a colon': {
      codes: ['yaml-syntax'],
      files: web('tty⟦:⟧true\ninit: true'),
      says: /write tty: true/,
    },
    'no space behind the colon of the only key': {
      codes: ['wrong-type'],
      files: 'services:\n  web:\n    ⟦image:x⟧\n',
      says: /image: x/,
    },
    'no space behind a dash': { codes: ['yaml-syntax'], files: web('ports:\n  - 80\n  ⟦-⟧81'), says: /write - 81/ },
    'no space behind any dash': { codes: ['wrong-type'], files: web('ports:\n  ⟦-80⟧\n  -81'), says: /each dash/ },
    'a key without colon': { codes: ['yaml-syntax'], files: 'services:\n  ⟦web⟧\n    image: x\n', says: /write web:/ },
    'a colon in a value': { codes: ['yaml-syntax'], files: web('command: echo a⟦:⟧ b'), says: /"echo a: b"/ },
    'a quote without end': { codes: ['yaml-syntax'], files: web('command: ⟦"⟧echo\ntty: true'), says: /another "/ },
    'a quote that the next one closes': {
      codes: ['yaml-syntax'],
      files: web('command: ⟦"⟧echo\nports: ["80"]'),
      says: /compose.yaml:5:13 so the next " closes it/,
    },
    'a quote in quotes': { codes: ['yaml-syntax'], files: web("command: 'it'⟦s⟧'"), says: /write '' for a quote/ },
    'a bracket without end': { codes: ['yaml-syntax'], files: web('ports: ⟦[⟧80, 81\ntty: true'), says: /"\]"/ },
    'a bracket without start': { codes: ['yaml-syntax'], files: web('ports: "80"⟦]⟧'), says: /"\["/ },
    'the wrong bracket': { codes: ['yaml-syntax'], files: web('command: [a, b⟦}⟧'), says: /4:14 the "\[" is here/ },
    'no comma': { codes: ['yaml-syntax'], files: web('command: ["a" ⟦"⟧b"]'), says: /comma/ },
    'an @ at the start': { codes: ['yaml-syntax'], files: web('command: ⟦@⟧home'), says: /quotes/ },
    'a % at the start': { codes: ['yaml-syntax'], files: web('command: ⟦%⟧d'), says: /quotes/ },
    'a backtick at the start': { codes: ['yaml-syntax'], files: web('command: ⟦`⟧ls`'), says: /quotes/ },
    'a * at the start': { codes: ['yaml-syntax'], files: web('command: ⟦*.⟧js'), says: /\* in quotes/ },
    'braces of a template': { codes: ['non-string-key'], files: web('command: {⟦{ name }⟧}'), says: /\{\{ in quotes/ },
    'a backslash of Windows': {
      codes: ['yaml-syntax'],
      files: web('volumes: ["C:⟦\\d⟧ata:/d"]'),
      says: /single quotes/,
    },
    'a backslash of Windows, read as another character': {
      codes: ['yaml-syntax'],
      files: web('volumes: ["C:⟦\\xpy⟧:/d"]'),
      says: /single quotes/,
    },
    'quotes of a word processor': {
      codes: ['volume-undefined'],
      files: web('volumes: [⟦“data:/d”⟧]'),
      says: /word processor/,
    },
    'a key too far right': {
      codes: ['yaml-syntax'],
      files: web('  ⟦ports⟧: [80]'),
      says: /4 spaces, as "image" in line 3/,
    },
    'a key too far left': {
      codes: ['yaml-syntax'],
      files: 'services:\n  web:\n    image: x\n   ⟦tty⟧: true\n',
      says: /by 4 spaces as line 3, or by 2/,
    },
    'a first key too far right': {
      codes: ['yaml-syntax'],
      files: 'services:\n  web:\n     ⟦image⟧: x\n    tty: true\n    init: true\n',
      says: /by 4 spaces, as line 4/,
    },
    'an item too far left': {
      codes: ['yaml-syntax'],
      files: web('ports:\n  - 80\n ⟦-⟧ 81'),
      says: /6 spaces as line 5/,
    },
    'keys among items': { codes: ['yaml-syntax'], files: web('environment:\n  - A=b\n  ⟦C: d⟧'), says: /- / },
    'items among keys': { codes: ['yaml-syntax'], files: web('environment:\n  A: b\n  ⟦-⟧ C=d'), says: /KEY: VALUE/ },
    'a key twice': {
      codes: ['duplicate-key'],
      files: web('tty: true\n⟦tty⟧: false'),
      says: /4:5 it is first written here/,
    },
    'a key that is no text': { codes: ['non-string-key'], files: 'services: {⟦1⟧: {image: x}}\n', says: /"1"/ },
    'an alias of nothing': {
      codes: ['yaml-alias'],
      files: 'x-a: &base {}\nservices: {web: {<<: ⟦*bsae⟧, image: x}}\n',
      says: /\*base/,
    },
    'an alias before its value': {
      codes: ['yaml-alias'],
      files: 'x-b: ⟦*a⟧\nx-a: &a 1\n',
      says: /2:6 that value is here/,
    },
    'text merged as a mapping': {
      codes: ['yaml-merge'],
      files: `x-a: &a text\n${web('⟦<<⟧: *a')}`,
      says: /1:9 what it takes in/,
    },
    'a tag that does not fit': { codes: ['yaml-tag'], files: web('scale: !!int ⟦two⟧'), says: /remove the tag/ },
    'a character that no text has': {
      codes: ['yaml-syntax'],
      files: web('command: a⟦\0⟧'),
      says: /escape in double quotes/,
    },
    'a space that is none': {
      codes: ['wrong-type', 'unknown-key'],
      files: 'services:\n  web:⟦⟧\n⟦\u00a0\u00a0image⟧: x\n',
      says: /ordinary ones/,
    },
    'a merge conflict': {
      codes: ['yaml-syntax'],
      files: 'services:\n⟦<<<<<<< HEAD⟧\n  a: {image: x}\n=======\n  a: {image: y}\n>>>>>>> b\n',
      says: /one of the two sides/,
    },
    'levels without end': { codes: ['yaml-too-deep'], files: `a: ${'['.repeat(200)}⟦[⟧`, says: /take a level/ },
  })
})

describe('names and values', () => {
  cases({
    'a key that is nearly known': { codes: ['unknown-key'], files: web('⟦prots⟧: []'), says: /"ports"/ },
    'a key of another place': { codes: ['unknown-key'], files: web('⟦replicas⟧: 2'), says: /below "deploy"/ },
    'a key of a service at the top': {
      codes: ['unknown-key'],
      files: `${web('tty: true')}⟦ports⟧: []\n`,
      says: /below one/,
    },
    'a service at the top': { codes: ['unknown-key'], files: '⟦web⟧:\n  image: x\n', says: /"services:"/ },
    'a key nobody knows': {
      codes: ['unknown-key'],
      files: web('logging: {⟦foo⟧: 1}'),
      says: /there are: driver, options/,
    },
    'a name that is none': { codes: ['bad-name'], files: 'services: {⟦"a b"⟧: {image: x}}\n', says: /letters/ },
    'a mapping for a list': { codes: ['wrong-type'], files: web('ports: ⟦{a: b}⟧'), says: /dash/ },
    'a list for a mapping': { codes: ['wrong-type'], files: 'services: ⟦[web]⟧\n', says: /without a dash/ },
    'nothing for a mapping': { codes: ['wrong-type'], files: 'services:\n  web:⟦⟧\n', says: /lines below/ },
    'a word for a number': { codes: ['wrong-type'], files: web('scale: ⟦two⟧'), says: /digits/ },
    'a word for a boolean': { codes: ['wrong-type'], files: web('tty: ⟦maybe⟧'), says: /true or false/ },
    'an old word for a boolean': { codes: ['yaml-1.1-boolean'], files: web('tty: ⟦"yes"⟧'), says: /write true/ },
    'a word that is not one of a few': {
      codes: ['bad-value'],
      files: web('depends_on: {db: {condition: ⟦service_helthy⟧}}', '  db: {image: x}\n'),
      says: /"service_healthy"/,
    },
    'a word that is nearly right': { codes: ['bad-value'], files: web('pull_policy: ⟦allways⟧'), says: /"always"/ },
    'a number too large': { codes: ['bad-value'], files: web('cpu_percent: ⟦101⟧'), says: /100 or less/ },
    'no key that is needed': {
      codes: ['missing-key'],
      files: web('develop: {watch: [⟦{action: rebuild}⟧]}'),
      says: /"path:"/,
    },
    'an entry twice': { codes: ['repeated-entry'], files: web('group_add: [a, ⟦a⟧]'), says: /it is here already/ },
    'a date': { codes: ['wrong-type'], files: web('labels: {since: ⟦2024-01-01⟧}'), says: /"2024-01-01"/ },
    'a port': { codes: ['bad-port'], files: web('ports: ["80", ⟦"80000"⟧]'), says: /HOST:CONTAINER/ },
    'a volume': { codes: ['bad-volume'], files: web('volumes: [⟦"data:/a:ro:x"⟧]'), says: /SOURCE:TARGET/ },
    'a device': { codes: ['bad-device'], files: web('devices: [⟦"/a:/b:r:x"⟧]'), says: /long syntax/ },
    'a host': { codes: ['bad-host'], files: web('extra_hosts: [⟦db⟧]'), says: /HOST=ADDRESS/ },
    'an address': { codes: ['bad-address'], files: web('ports: [{target: 80, host_ip: ⟦here⟧}]'), says: /127/ },
    'a size': { codes: ['wrong-type'], files: web('mem_limit: ⟦5x⟧'), says: /512m/ },
    'a duration': { codes: ['wrong-type'], files: web('stop_grace_period: ⟦5x⟧'), says: /90s/ },
    'a command with an open quote': {
      codes: ['bad-command'],
      files: web(`command: ⟦"echo 'a"⟧`),
      says: /close the quote/,
    },
    'a health check': {
      codes: ['bad-healthcheck'],
      files: web('healthcheck: {⟦test⟧: [curl]}'),
      says: /CMD-SHELL/,
    },
    'an entry about nothing': {
      codes: ['bad-entry'],
      files: web('volumes: [⟦{type: bind, source: /a}⟧]'),
      says: /"target"/,
    },
    'a variable with a space': {
      codes: ['trailing-space'],
      files: web('environment: [⟦"A =b"⟧]'),
      says: /remove the space/,
    },
    'all of a phase': {
      codes: ['unknown-key', 'wrong-type', 'unknown-key'],
      files: web('⟦a⟧: 1\nports: ⟦{}⟧', '⟦b⟧: 2\n'),
    },
  })
})

describe('what is said twice, or of nothing', () => {
  cases({
    'a service': {
      codes: ['depends-on-undefined'],
      files: web('depends_on: [⟦dbb⟧]', '  db: {image: x}\n'),
      says: /"db"/,
    },
    'a service by a link': {
      codes: ['depends-on-undefined'],
      files: web('links: [⟦dbb⟧]', '  db: {image: x}\n'),
      says: /"db"/,
    },
    'a network': {
      codes: ['network-undefined'],
      files: web('networks: [⟦frnt⟧]', 'networks: {front: {}}\n'),
      says: /"front"/,
    },
    'a volume': {
      codes: ['volume-undefined'],
      files: web('volumes: [{type: volume, source: ⟦dta⟧, target: /d}]', 'volumes: {data: {}}\n'),
      says: /"data"/,
    },
    'a secret': { codes: ['secret-undefined'], files: web('secrets: [⟦key⟧]'), says: /"secrets:"/ },
    'a namespace': {
      codes: ['network-mode-undefined'],
      files: web('network_mode: ⟦service:dbb⟧', '  db: {image: x}\n'),
      says: /"db"/,
    },
    'a circle': {
      codes: ['dependency-cycle'],
      files: 'services:\n  a: {image: x, depends_on: [⟦b⟧]}\n  b: {image: x, depends_on: [a]}\n',
      says: /3:30 "b" depends on "a" here/,
    },
    'a profile': {
      codes: ['depends-on-disabled'],
      files: web('depends_on: [⟦db⟧]', '  db: {image: x, profiles: [full]}\n'),
      says: /--profile full/,
    },
    'no image': { codes: ['no-image'], files: 'services:\n  ⟦web⟧: {tty: true}\n', says: /"image:"/ },
    'two numbers of containers': {
      codes: ['twin-conflict'],
      files: web('scale: ⟦1⟧\ndeploy: {replicas: 2}'),
      says: /5:24 "deploy.replicas"/,
    },
    'two containers of a name': {
      codes: ['container-name-taken'],
      files: 'services:\n  a: {image: x, container_name: one}\n  b: {image: x, container_name: ⟦one⟧}\n',
      says: /2:33 service "a" has it here/,
    },
    'two mounts of a target': {
      codes: ['target-taken'],
      files: web('tmpfs: [/a]\nvolumes: [⟦/x:/a⟧]'),
      says: /4:13 the other/,
    },
    'two contents': {
      codes: ['several-contents'],
      files: `${web('tty: true')}configs: {a: {file: x, ⟦content⟧: y}}\n`,
      says: /"file" is here/,
    },
    'no content': {
      codes: ['no-content'],
      files: `${web('tty: true')}secrets: {a: ⟦{}⟧}\n`,
      says: /file, environment/,
    },
    'a network and none': {
      codes: ['network-conflict'],
      files: web('network_mode: ⟦host⟧\nnetworks: [a]', 'networks: {a: {}}\n'),
      says: /5:5 "networks"/,
    },
    "what is somebody else's": {
      codes: ['external-conflict'],
      files: `${web('tty: true')}volumes: {a: {external: true, ⟦driver⟧: b}}\n`,
      says: /"external" is here/,
    },
    'a value that several services share is wrong once': {
      codes: ['unknown-key'],
      files: 'x-a: &a\n  ⟦prts⟧: []\nservices:\n  a: {<<: *a, image: x}\n  b: {<<: *a, image: x}\n',
    },
  })
})

describe('variables', () => {
  const ports = (text: string): string => web(`ports: [${text}]`)
  cases({
    'one that is not set': { codes: ['unset-variable'], files: web('command: echo ⟦${A}⟧ $A'), says: /\.env/ },
    'one that has to be': { codes: ['required-variable'], files: web('command: ⟦${A:?say}⟧'), says: /A=/ },
    'one inside of a default': { codes: ['required-variable'], files: web('command: "${A:-⟦${B?}⟧}"'), says: /B=/ },
    'one in the second line of a text': {
      codes: ['required-variable'],
      files: web('command: |\n  a\n  b ⟦${C?}⟧ c'),
      says: /C=/,
    },
    'a reference without end': { codes: ['invalid-interpolation'], files: web('command: echo ⟦${A⟧'), says: /\$\$/ },
    'a value from .env': {
      codes: ['bad-port'],
      files: { 'compose.yaml': ports('⟦"${PORT}:80"⟧'), '.env': 'A=1\nPORT=abc\n' },
      says: /\.env:2:6 the variable "PORT" is set here/,
    },
    'a value from the environment': {
      codes: ['bad-port'],
      files: ports('⟦"${PORT}:80"⟧'),
      options: { environment: { PORT: 'abc' } },
      says: /the variable "PORT" is set in the environment/,
    },
    'a value from a default': {
      codes: ['bad-port'],
      files: ports('⟦"${PORT:-abc}:80"⟧'),
      says: /its default stands in/,
    },
    'a value from a named file': {
      codes: ['wrong-type'],
      files: { 'compose.yaml': web('scale: ⟦${N}⟧'), 'prod.env': '# how many\nexport N = "two"\n' },
      options: { envFiles: ['prod.env'] },
      says: /prod\.env:2:12 the variable "N" is set here/,
    },
    'an image of a variable that is not set': {
      codes: ['no-image'],
      files: 'services:\n  web:\n    image: ⟦${IMAGE:-}⟧\n',
      says: /the variable "IMAGE" is not set/,
    },
    'a volume of a variable': {
      codes: ['volume-undefined'],
      files: { 'compose.yaml': web('volumes: [⟦"${DATA}:/d"⟧]', 'volumes: {data: {}}\n'), '.env': 'DATA=dta\n' },
      says: /"data".*\.env:1:6/,
    },
  })
})

describe('env files', () => {
  const withFile = (text: string): Files => ({ 'compose.yaml': web('env_file: [a.env]'), 'a.env': text })
  cases({
    'a name with a space': {
      codes: ['env-file-syntax'],
      files: withFile('A=1\n⟦B C⟧=2\n'),
      says: /4:16 this file is named here/,
    },
    'a quote without end': { codes: ['env-file-syntax'], files: withFile('A=⟦"1⟧\n'), says: /another "/ },
    'a quote that the next one closes': {
      codes: ['env-file-syntax'],
      files: withFile('A=⟦"⟧1\nB="2"\n'),
      says: /a\.env:2:3 so the next/,
    },
    'several lines': { codes: ['env-file-syntax', 'env-file-syntax'], files: withFile('⟦A B⟧=1\nC=2\n⟦D E⟧=3\n') },
    'a text of several lines is wrong once': {
      codes: ['env-file-syntax'],
      files: withFile('A={\n⟦"⟧b": 1,\n"c": 2\n}\n'),
      says: /quote a value/,
    },
    'a variable that has to be set': { codes: ['required-variable'], files: withFile('A=⟦${B?say}⟧\n'), says: /B=/ },
    '.env itself': { codes: ['env-file-syntax'], files: { 'compose.yaml': web('tty: true'), '.env': '⟦A B⟧=1\n' } },
    'one that is missing': { codes: ['env-file-missing'], files: web('env_file: [⟦a.env⟧]'), says: /required: false/ },
    'one of the command line that is missing': {
      codes: ['env-file-missing'],
      files: web('tty: true'),
      options: { envFiles: ['a.env'] },
      says: /--env-file/,
    },
    'a directory': {
      codes: ['not-a-file'],
      files: { 'compose.yaml': web('env_file: [⟦sub⟧]'), 'sub/x': '' },
      says: /name a file/,
    },
    'a form that is none': {
      codes: ['bad-value'],
      files: { 'compose.yaml': web('env_file: [{path: a.env, format: ⟦json⟧}]'), 'a.env': '' },
      says: /raw/,
    },
    'a name that is none, in raw form': {
      codes: ['env-file-syntax'],
      files: { 'compose.yaml': web('env_file: [{path: a.env, format: raw}]'), 'a.env': '⟦A B=1⟧\n' },
      says: /NAME=value/,
    },
    'labels that are missing': { codes: ['label-file-missing'], files: web('label_file: ⟦a.labels⟧'), says: /make it/ },
  })
})

describe('several files', () => {
  const broken = 'services:\n  db:\n    image: ⟦@⟧x\n'
  cases({
    'all of -f that are no YAML': {
      codes: ['yaml-syntax', 'yaml-syntax', 'file-missing'],
      files: { 'a.yaml': web('tty⟦:⟧true\ninit: true'), 'b.yaml': broken },
      options: { files: ['a.yaml', 'b.yaml', 'c.yaml'] },
    },
    'all of -f with keys nobody knows': {
      codes: ['unknown-key', 'unknown-key'],
      files: { 'a.yaml': web('⟦prts⟧: []'), 'b.yaml': 'services:\n  web:\n    ⟦tyt⟧: true\n    ports: null\n' },
      options: { files: ['a.yaml', 'b.yaml'] },
    },
    'an override of another kind': {
      codes: ['merge-mismatch'],
      files: {
        'compose.yaml': web('ports: [80]'),
        'compose.override.yaml': 'services:\n  web:\n    ports:\n      ⟦target: 80⟧\n',
      },
      says: /compose\.yaml:4:12 what it overrides is a list/,
    },
    'an override of its own': {
      codes: ['wrong-type'],
      files: { 'compose.yaml': web('tty: true'), 'compose.override.yaml': 'services:\n  web:\n    scale: ⟦two⟧\n' },
    },
    'two that say different things': {
      codes: ['twin-conflict'],
      files: {
        'compose.yaml': web('deploy: {replicas: 2}'),
        'compose.override.yaml': 'services:\n  web:\n    scale: ⟦1⟧\n',
      },
      says: /compose\.yaml:4:24 "deploy\.replicas"/,
    },
    'an extended file that is no YAML': {
      codes: ['yaml-syntax'],
      files: { 'compose.yaml': web('extends: {file: sub/b.yaml, service: db}'), 'sub/b.yaml': broken },
      says: /compose\.yaml:4:21 this file is extended here/,
    },
    'an extended file with a key nobody knows': {
      codes: ['unknown-key'],
      files: {
        'compose.yaml': web('extends: {file: b.yaml, service: db}'),
        'b.yaml': 'services: {db: {image: x, ⟦prts⟧: []}}\n',
      },
      says: /compose\.yaml:4:21 this file is extended here/,
    },
    'a file that extends no more than its own': {
      codes: ['extends-undefined'],
      files: web('extends: {service: ⟦bse⟧}', '  base: {image: x}\n'),
      says: /"base"/,
    },
    'a service that another file lacks': {
      codes: ['extends-undefined'],
      files: {
        'compose.yaml': web('extends: {file: b.yaml, service: ⟦bse⟧}'),
        'b.yaml': 'services: {base: {image: x}}\n',
      },
      says: /"base"/,
    },
    'a circle of extensions': {
      codes: ['extends-cycle'],
      files: 'services:\n  a: {image: x, extends: ⟦b⟧}\n  b: {image: x, extends: a}\n',
      says: /3:26 "b" extends here/,
    },
    'an extended file that is missing': {
      codes: ['file-missing'],
      files: web('extends: {file: ⟦b.yaml⟧, service: a}'),
      says: /path/,
    },
    'all included files': {
      codes: ['unknown-key', 'required-variable', 'file-missing'],
      files: {
        'one.yaml': 'services: {a: {image: x, ⟦prts⟧: []}}\n',
        'sub/two.yaml': 'services: {b: {image: "⟦${TAG?}⟧"}}\n',
        'compose.yaml': `include: [one.yaml, {path: sub/two.yaml}, ⟦three.yaml⟧]\n${web('tty: true')}`,
      },
      says: /compose\.yaml:1:11 this file is included here[\s\S]*compose\.yaml:1:28 this file is included here/,
    },
    'a file included by an included one': {
      codes: ['unknown-key'],
      files: {
        'compose.yaml': `include: [a.yaml]\n${web('tty: true')}`,
        'a.yaml': 'include: [b.yaml]\n',
        'b.yaml': 'services: {a: {image: x, ⟦prts⟧: []}}\n',
      },
      says: /a\.yaml:1:11 this file is included here compose\.yaml:1:11 this file is included here/,
    },
    'the env file of an included project': {
      codes: ['env-file-missing'],
      files: { 'compose.yaml': 'include: [{path: a.yaml, env_file: ⟦a.env⟧}]\n', 'a.yaml': web('tty: true') },
    },
    'a circle of includes': {
      codes: ['include-cycle'],
      files: { 'compose.yaml': 'include: [a.yaml]\n', 'a.yaml': 'include: [⟦compose.yaml⟧]\n' },
    },
    'a key of an include that nobody knows': {
      codes: ['unknown-key'],
      files: { 'compose.yaml': 'include: [{path: a.yaml, ⟦env_fil⟧: a.env}]\n', 'a.yaml': web('tty: true') },
      says: /"env_file"/,
    },
    'a version': { codes: ['obsolete-version'], files: `⟦version⟧: "3"\n${web('tty: true')}`, says: /remove/ },
    'nothing at all': { codes: ['empty-file'], files: '⟦⟧# nothing\n', says: /services/ },
    'a name that is none, from .env': {
      codes: ['invalid-project-name'],
      files: { 'compose.yaml': web('tty: true'), '.env': 'COMPOSE_PROJECT_NAME=⟦My App⟧\n' },
      options: { projectName: undefined },
      says: /use "myapp"/,
    },
    'a file that .env names': {
      codes: ['file-missing'],
      files: { '.env': 'A=1\nCOMPOSE_FILE=⟦other.yaml⟧\n' },
      says: /check the path/,
    },
    'no file': { codes: ['no-compose-file'], files: {}, says: /-f/ },
  })
})
