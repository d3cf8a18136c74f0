// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is tested
/** `config --explain`: where values come from, what they replaced, and which variables went into them. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { explainPaths } from '../../src/cli/config-explain.ts'
import { ComposeError } from '../../src/diagnostic.ts'
import { explain } from '../../src/model/explain/explain.ts'
import type { ExplainedValue } from '../../src/model/explain/explained.ts'
import { parsePath } from '../../src/model/explain/parse-path.ts'
import type { Subject } from '../../src/model/explain/subject.ts'
import { noFindings } from '../../src/model/findings.ts'
import { loadProject } from '../../src/model/load.ts'
import { isMapping, printProject } from '../../src/model/print.ts'
import { renderDiagnostics } from '../../src/view/diagnostics.ts'
import { plainPaint } from '../../src/view/paint.ts'
import { folderReader } from '../support/folder-reader.ts'
import { optionsOver } from '../support/load-files.ts'

const FILES = {
  'compose.yaml': `services:
  web:
    extends: { file: base.yaml, service: common }
    image: "nginx:\${TAG:-1}"
    ports: ["\${PORT}:80"]
    environment: [LOG=info, PASSED]
    labels: { com.example.a: x }
    env_file: [web.env]
  off: { image: x, profiles: [debug] }
secrets: { key: { environment: PORT } }
networks: { unused: }
`,
  'compose.override.yaml': 'services:\n  web:\n    environment: { LOG: warn }\n    command: [b]\n    secrets: [key]\n',
  'base.yaml': 'services:\n  common:\n    image: base\n    environment: { LOG: debug }\n    command: [a]\n',
  '.env': 'X=1\nPORT=8080\n',
  'web.env': 'FROM_FILE=1\n',
}
const load = () => loadProject(optionsOver(FILES, { environment: { PASSED: 'on' } }))

function explained(...paths: readonly string[]): string {
  try {
    return explainPaths(load(), paths, { json: false, paint: plainPaint })
  } catch (error) {
    if (error instanceof ComposeError) return renderDiagnostics(error.diagnostics, plainPaint)
    throw error
  }
}

test('a service tells of each value where it comes from', async () => {
  await expect(explained('services.web')).toMatchFileSnapshot('../golden/explain/service.txt')
})

describe('a project with files over each other, extends, include and files of variables', () => {
  const folder = fileURLToPath(new URL('../golden/explain/project', import.meta.url))
  const subject = loadProject({
    files: [],
    profiles: [],
    envFiles: ['one.env', 'two.env'],
    environment: { PASSED: 'on', TAG: '1.28' },
    workingDir: '/home/dev/shop',
    reader: folderReader(folder, '/home/dev/shop'),
  })
  const all = [...printedKeys(subject)]

  test('is told as text', async () => {
    const text = explainPaths(subject, all, { json: false, paint: plainPaint })
    await expect(text).toMatchFileSnapshot('../golden/explain/project.txt')
  })

  test('is told as JSON of the shape that is promised', async () => {
    const text = explainPaths(subject, all, { json: true, paint: plainPaint })
    checkShape(text)
    await expect(text).toMatchFileSnapshot('../golden/explain/project.json')
  })

  test('is told without the content of its secret', () => {
    for (const json of [true, false])
      expect(explainPaths(subject, all, { json, paint: plainPaint }).match(/.*topsecret.*/g)).toEqual(
        // What config prints itself.
        [expect.stringContaining('"topsecret"')],
      )
  })
})

test('a path may go to a single value, and a key with dots needs no quotes', () => {
  expect(explained('services.web.labels.com.example.a')).toBe(
    'services.web.labels["com.example.a"]: "x"  compose.yaml:7:30\n',
  )
  expect(explained('services.web.labels["com.example.a"]')).toBe(explained('services.web.labels.com.example.a'))
  expect(explained('networks.default.name')).toBe(
    'networks.default.name: "dev_default"  made of the name of the project and the key\n',
  )
})

describe('a path that names nothing', () => {
  test.each([
    ['services.wab', 'error: "services" has no "wab" [no-such-value]\n  hint: did you mean "web"?\n'],
    [
      'services.web.ports[3]',
      'error: "services.web.ports" has no "3" [no-such-value]\n  hint: it is a list of 1: indices start with 0\n',
    ],
    [
      'services.off.image',
      'error: service "off" is disabled: none of its profiles is active [no-such-value]\n  hint: add --profile debug\n',
    ],
    [
      'services..web',
      'error: "services..web" is not a path to a value [no-such-value]\n  hint: write it like services.web.ports[0], keys with other characters in ["quotes"]\n',
    ],
    [
      'networks.unused',
      'error: "networks.unused" is left out: no service uses it [no-such-value]\n  hint: add --all-resources\n',
    ],
    [
      'services.web.image.tag',
      'error: "services.web.image" has no "tag" [no-such-value]\n  hint: it is a single value: leave that out\n',
    ],
  ])('%s', (path, message) => expect(explained(path)).toBe(message))

  test('all of them are told at once', () => {
    expect(explained('services.wab', 'valumes').match(/no-such-value/g)).toHaveLength(2)
  })
})

function checkShape(text: string): void {
  const schema = JSON.parse(readFileSync(new URL('../../schemas/output/config-explain.json', import.meta.url), 'utf8'))
  const validate = new Ajv2020().compile(schema)
  expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true)
}

/** The top-level keys of a project as it is printed. */
function* printedKeys({ project }: Subject): Generator<string> {
  const printed = printProject(project, 'yaml')
  if (isMapping(printed)) for (const [key, value] of printed) if (!isMapping(value) || value.size > 0) yield key
}

test('the content of a secret is not shown, not even where it is a variable like others', () => {
  expect(explained('secrets.key')).not.toContain('8080')
  expect(explained('services.web.ports[0].published')).toBe(
    'services.web.ports[0].published: "8080"  compose.yaml:5:13\n' +
      '    written as "${PORT}:80"\n' +
      '    PORT, a content that is not shown, from .env:2:1\n',
  )
})

test('the name of the project says who gave it', () => {
  const name = (options: Parameters<typeof optionsOver>[1], compose = 'services: {a: {image: x}}') => {
    const subject = loadProject(optionsOver({ 'compose.yaml': compose }, options))
    return explainPaths(subject, ['name'], { json: false, paint: plainPaint })
  }
  expect(name({})).toBe('name: "dev"  the name of the directory\n')
  expect(name({ projectName: 'p' })).toBe('name: "p"  from --project-name\n')
  expect(name({ environment: { COMPOSE_PROJECT_NAME: 'p' } })).toBe(
    'name: "p"  from a variable\n    COMPOSE_PROJECT_NAME="p" from the environment\n',
  )
  expect(name({}, 'name: p\nservices: {a: {image: x}}')).toBe('name: "p"  compose.yaml:1:7\n')
  expect(name({ projectName: 'p' }, 'name: q\nservices: {a: {image: x}}')).toBe(
    'name: "p"  from --project-name\n    instead of q, compose.yaml:1:7\n',
  )
})

describe('every value of a golden project has a place or a stated origin', () => {
  const root = new URL('../golden/model/', import.meta.url)
  const names = readdirSync(root).filter((name) => !name.startsWith('bad-'))
  test.each(names)('%s', (name) => {
    const folder = fileURLToPath(new URL(name, root)).replace(/\/$/, '')
    const reader = folderReader(folder, '/home/dev/p')
    const options = JSON.parse(String(reader.read('/home/dev/p/options.json') ?? '{}'))
    const common = { files: [], profiles: [], envFiles: [], environment: { HOME: '/home/user' } }
    const subject = loadProject({ ...common, ...options, workingDir: '/home/dev/p', reader })
    const values = [...printedKeys(subject)].flatMap((key) => explain(subject, [key], noFindings())?.values ?? [])
    const lost = values.filter((one) => one.origin.kind === 'default' && !isDefault(one))
    expect(lost.map(({ path, value }) => `${path.join('.')}: ${value}`)).toEqual([])
    expect(values.length).toBeGreaterThan(0)
  })
})

/** What a service has without anybody having written it. */
const isDefault = ({ path, value }: ExplainedValue): boolean =>
  value === null || value === '{}' || value === '[]' || DEFAULTS.test(`${path.join('.')}=${value}`)
const DEFAULTS =
  /[.](required|restart|create_host_path)=|[.](build[.](context|dockerfile)|secrets[.]\d+[.]target|condition|protocol|mode|count|type)=/

test.each([
  ['services.web.ports[0]', ['services', 'web', 'ports', '0']],
  ['a["b.c"].d', ['a', 'b.c', 'd']],
  ['a."b.c"', ['a', 'b.c']],
  ['a["x\\"y"]', ['a', 'x"y']],
  ['', undefined],
  ['a..b', undefined],
  ['a[', undefined],
])('the path %s', (text, segments) => expect(parsePath(text)).toEqual(segments))

test('what a default took from a secret is not shown either', () => {
  const compose = 'services: {a: {image: "x:${NONE:-$KEY}"}}\nsecrets: {k: {environment: KEY}}'
  const subject = loadProject(optionsOver({ 'compose.yaml': compose }, { environment: { KEY: 'word' } }))
  expect(explainPaths(subject, ['services.a.image'], { json: false, paint: plainPaint })).toBe(
    'services.a.image: "x:word"  compose.yaml:1:23\n' +
      '    written as "x:${NONE:-$KEY}"\n' +
      '    KEY, a content that is not shown, from the environment\n' +
      '    NONE is not set: a content that is not shown is taken\n',
  )
})

test('values of a raw env file, and names without a value, are led back too', () => {
  const files = {
    'compose.yaml': 'services: {a: {image: x, env_file: [{path: r.env, format: raw}, b.env]}}',
    'r.env': 'A=$B\nOUT\n',
    'b.env': 'export C=1\nOUT\nA="2"\nD="${A}${E:-5}"\n',
    '.env': 'OUT=side\n',
  }
  const subject = loadProject(optionsOver(files))
  expect(explainPaths(subject, ['services.a.environment'], { json: false, paint: plainPaint })).toBe(
    'services.a.environment.A: "2"       b.env:3:1\n' +
      '    instead of $B, r.env:1:1\n' +
      'services.a.environment.C: "1"       b.env:1:1\n' +
      'services.a.environment.D: "25"      b.env:4:1\n' +
      '    written as "${A}${E:-5}"\n' +
      '    A="2" from b.env:3:1\n' +
      '    E is not set: the default "5" is taken\n' +
      'services.a.environment.OUT: "side"  passed on by name at b.env:2:1\n' +
      '    OUT="side" from .env:1:1\n' +
      '    instead of side, r.env:2:1\n',
  )
})

test('items of lists that are sorted are found where they were written', () => {
  const compose =
    'services:\n  a:\n    image: x\n    extra_hosts: ["b=1.1.1.1", "a:[::1]"]\n' +
    '    build: { context: ., ssh: { z: /z, b: /b }, extra_hosts: { d: 1.1.1.1, c: [2.2.2.2, 3.3.3.3] } }\n'
  const { project } = loadProject(optionsOver({ 'compose.yaml': compose }))
  const columnOf = (...path: readonly (string | number)[]) => project.locate(['services', 'a', ...path])?.column
  expect([0, 1].map((index) => columnOf('extra_hosts', index))).toEqual([32, 19])
  expect([0, 1].map((index) => columnOf('build', 'ssh', index))).toEqual([43, 36])
  expect([0, 1, 2].map((index) => columnOf('build', 'extra_hosts', index))).toEqual([80, 89, 67])
})
