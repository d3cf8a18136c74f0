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
import { noFindings } from '../../src/model/findings.ts'
import { loadProject } from '../../src/model/load.ts'
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

test('a path may go to a single value, and a key with dots needs no quotes', () => {
  expect(explained('services.web.labels.com.example.a')).toBe(
    'services.web extends service "common"  compose.yaml:3:14\n' +
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
  ])('%s', (path, message) => expect(explained(path)).toBe(message))

  test('all of them are told at once', () => {
    expect(explained('services.wab', 'valumes').match(/no-such-value/g)).toHaveLength(2)
  })
})

test('the JSON form has the shape that is promised, and no content of secrets', () => {
  const text = explainPaths(load(), ['services', 'secrets', 'networks'], { json: true, paint: plainPaint })
  const schema = JSON.parse(readFileSync(new URL('../../schemas/output/config-explain.json', import.meta.url), 'utf8'))
  const validate = new Ajv2020().compile(schema)
  expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true)
  expect(explained('secrets.key')).not.toContain('8080')
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
    const { values } = explain(subject, ['services'], noFindings()) ?? { values: [] }
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
