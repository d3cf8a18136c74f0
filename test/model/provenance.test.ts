/** What the nodes of a model remember of how they came to be. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is tested
import { expect, test } from 'vitest'
import { loadModel } from '../../src/model/load.ts'
import type { LoadOptions } from '../../src/model/settings.ts'
import { child, type Node, type Origin } from '../../src/model/tree/node.ts'
import { toPlain } from '../../src/model/tree/plain.ts'
import { locationOf } from '../../src/model/tree/source.ts'
import type { VariableSource } from '../../src/model/tree/used-variable.ts'
import { optionsOver } from '../support/load-files.ts'

/** `value place < value it replaced place [variable=value source]`. */
function history(node: Node | undefined): string {
  if (!node) return 'nothing'
  const used = node.kind === 'scalar' && node.used ? ` [${node.used.map(variable).join(', ')}]` : ''
  return `${JSON.stringify(toPlain(node))} ${place(node.at)}${used}${node.over ? ` < ${history(node.over)}` : ''}`
}

const variable = ({ name, value, from }: { name: string; value: string; from: VariableSource }): string =>
  `${name}=${value} ${from.kind === 'file' ? place(from.at) : from.kind}`

function place(at: Origin | undefined): string {
  const location = locationOf(at)
  return location ? `${location.file}:${location.line}` : '-'
}

function check(files: Readonly<Record<string, string>>, path: string, options: Partial<LoadOptions> = {}): string {
  const { root } = loadModel(optionsOver(files, options))
  const step = (node: Node | undefined, key: string): Node | undefined =>
    node?.kind === 'list' ? node.items[Number(key)] : child(node, key)
  return history(path.split('.').reduce<Node | undefined>(step, root))
}

test('a value remembers what it replaced, the oldest last', () => {
  const files = {
    'compose.yaml': 'services:\n  base: {image: a}\n  web:\n    extends: base\n    image: b\n',
    'compose.override.yaml': 'services:\n  web:\n    image: c\n',
  }
  expect(check(files, 'services.web.image')).toBe(
    '"c" compose.override.yaml:3 < "b" compose.yaml:5 < "a" compose.yaml:2',
  )
  const extended = {
    ...files,
    'compose.override.yaml': 'services:\n  web:\n    extends: {file: e.yaml, service: e}\n    image: c\n',
    'e.yaml': 'services: {e: {image: d}}',
  }
  expect(check(extended, 'services.web.image')).toBe(
    '"c" compose.override.yaml:4 < "d" e.yaml:1 < "b" compose.yaml:5 < "a" compose.yaml:2',
  )
})

test.each([
  ['an entry of a list', 'environment', '[A=1]', '[A=2]', 'environment.0', '"A=2" o.yaml:3 < "A=1" b.yaml:3'],
  ['an entry of a mapping', 'labels', '{a: 1}', '{a: 2}', 'labels.0', '"a=2" o.yaml:3 < "a=1" b.yaml:3'],
  ['a whole list', 'command', '[a]', '[b]', 'command', '["b"] o.yaml:3 < ["a"] b.yaml:3'],
  ['what !override drops', 'dns', '[a]', '!override [b]', 'dns', '["b"] o.yaml:3 < ["a"] b.yaml:3'],
  ['a path', 'build', './a', './b', 'build.context', '"/home/dev/b" o.yaml:3 < "./a" b.yaml:3'],
  [
    'a short form',
    'volumes',
    "['vol:/x']",
    "['more:/x']",
    'volumes.0',
    '{"type":"volume","source":"more","target":"/x","volume":{}} o.yaml:3 < {"type":"volume","source":"vol","target":"/x","volume":{}} b.yaml:3',
  ],
])('%s is remembered', (_, key, base, over, path, expected) => {
  const files = {
    'b.yaml': `services:\n  web:\n    ${key}: ${base}\nvolumes: {vol: , more: }\n`,
    'o.yaml': `services:\n  web:\n    ${key}: ${over}\n`,
  }
  expect(check(files, `services.web.${path}`, { files: ['b.yaml', 'o.yaml'] })).toBe(expected)
})

test('variables say where they come from, in every form a value is made into', () => {
  const files = {
    '.env': '# ports\nPORT=80\nBOTH=file\n',
    'compose.yaml': `services:
  web:
    image: \${NONE:-a}:\${BOTH}
    ports: ['\${PORT}:1']
    environment: [PORT, BOTH]
    labels: {a: '\${MISSING}'}
    build: ./\${BOTH}
    depends_on: ['\${DB-db}']
    privileged: \${YES}
    scale: 1
  db: {image: b}
`,
  }
  const options = { environment: { BOTH: 'process', YES: 'true' } }
  const of = (path: string): string => check(files, `services.web.${path}`, options)
  expect(of('image')).toBe('"a:process" compose.yaml:3 [NONE=a default, BOTH=process process]')
  expect(of('ports.0.published')).toBe('"80" compose.yaml:4 [PORT=80 .env:2]')
  expect(of('environment.0')).toBe('"PORT=80" compose.yaml:5 [PORT=80 .env:2]')
  expect(of('environment.1')).toBe('"BOTH=process" compose.yaml:5 [BOTH=process process]')
  expect(of('labels.a')).toBe('"" compose.yaml:6 [MISSING= unset]')
  expect(of('build.context')).toBe('"/home/dev/process" compose.yaml:7 [BOTH=process process]')
  expect(of('depends_on.db.condition')).toBe('"service_started" compose.yaml:8 [DB=db default]')
  expect(of('privileged')).toBe('true compose.yaml:9 [YES=true process]')
  expect(of('scale')).toBe('1 compose.yaml:10')
})

test('the later of two env files is the place of a variable, and an included project has its own', () => {
  const files = {
    'a.env': 'A=1\nB=1\n',
    'b.env': 'B=2\n',
    'sub/.env': 'C=3\nA=3\n',
    'sub/compose.yaml': 'services:\n  db:\n    image: $A$B$C\n',
    'compose.yaml': 'include: [sub/compose.yaml]\n',
  }
  expect(check(files, 'services.db.image', { envFiles: ['a.env', 'b.env'] })).toBe(
    '"123" sub/compose.yaml:3 [A=1 a.env:1, B=2 b.env:1, C=3 sub/.env:1]',
  )
})

test('the name of the project says who gave it', () => {
  const files = { 'compose.yaml': 'name: written\nservices: {web: {image: "${COMPOSE_PROJECT_NAME}"}}\n' }
  const image = (options: Partial<LoadOptions>, more = {}): string =>
    check({ ...files, ...more }, 'services.web.image', options)
  expect(image({})).toContain('[COMPOSE_PROJECT_NAME=written compose.yaml:1]')
  expect(image({ projectName: 'p' })).toContain('[COMPOSE_PROJECT_NAME=p flag]')
  expect(image({ environment: { COMPOSE_PROJECT_NAME: 'e' } })).toContain('[COMPOSE_PROJECT_NAME=e process]')
  expect(image({}, { '.env': '\nCOMPOSE_PROJECT_NAME=f' })).toContain('[COMPOSE_PROJECT_NAME=f .env:2]')
  expect(check({ 'compose.yaml': 'services: {}' }, 'name')).toBe('"dev" - [COMPOSE_PROJECT_NAME=dev directory]')
})

test('an element knows the ways on which it came in', () => {
  const files = {
    'compose.yaml': 'include:\n  - i.yaml\nservices:\n  web:\n    extends:\n      file: e.yaml\n      service: base\n',
    'i.yaml': 'services:\n  db:\n    image: b\n',
    'e.yaml': 'services:\n  root: {image: a}\n  base:\n    extends: root\n    user: x\n',
  }
  const { root } = loadModel(optionsOver(files))
  const via = (node: Node | undefined): unknown =>
    node?.via?.map(({ kind, service, at, from }) => [kind, service, place(at), via(from)])
  const service = (name: string): Node | undefined => child(child(root, 'services'), name)
  expect(via(service('db'))).toEqual([['include', undefined, 'compose.yaml:2', undefined]])
  expect(via(service('web'))).toEqual([
    ['extends', 'base', 'compose.yaml:6', [['extends', 'root', 'e.yaml:4', undefined]]],
  ])
})
