/** What Docker Compose refuses is refused, each with the code of its mistake: one line for each way to be wrong. */
import { expect, test } from 'vitest'
import { ComposeError } from '../../src/diagnostic.ts'
import { loadFiles } from '../support/load-text.ts'

/** The codes of what is wrong with the files; empty when they load. */
function codesOf(files: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadFiles(files)
    return []
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error
    return error.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  }
}

const service = (attributes: string): Record<string, string> => ({
  'compose.yaml': `{services: {a: {image: x, ${attributes}}}}`,
})

test.each([
  ['a negative number of retries', 'healthcheck: {test: ls, retries: -1}', 'wrong-type'],
  ['a negative parallelism', 'deploy: {update_config: {parallelism: -1}}', 'wrong-type'],
  ['a weight in quotes', 'blkio_config: {weight: "300"}', 'wrong-type'],
  ['the mode of a tmpfs in quotes', 'volumes: [{type: tmpfs, target: /t, tmpfs: {mode: "1777"}}]', 'wrong-type'],
  ["a build's limit in quotes", 'build: {context: ., ulimits: {nproc: "3"}}', 'wrong-type'],
  ['a fraction in a list of texts', 'group_add: [1.5]', 'wrong-type'],
  ['a list as a storage option', 'storage_opt: {size: [1]}', 'wrong-type'],
  ['a port without a target', 'ports: [{published: 80}]', 'bad-entry'],
  ['port 0 of a container', 'ports: ["80:0"]', 'bad-port'],
  ['half a port', 'expose: [1.5]', 'bad-entry'],
  ['a bind mount without a source', 'volumes: [{type: bind, target: /t}]', 'no-source'],
  ['a size beyond all machines', 'mem_limit: "1e30"', 'wrong-type'],
  ['an env file without a path', 'env_file: [{path: ""}]', 'env-file-missing'],
  ['a secret without a source', 'secrets: [{}]', 'secret-undefined'],
])('%s', (_what, attributes, code) => expect(codesOf(service(attributes))).toEqual([code]))

test.each([
  ['a secret that only has a driver', 'secrets: {s: {driver: d}}', 'no-content'],
  ['a network that is no mapping, under a name the schema does not know', 'networks: {a b: yes}', 'wrong-type'],
  ['no services where they should stand', 'services:', 'wrong-type'],
])('%s', (_what, text, code) => expect(codesOf({ 'compose.yaml': `${text}\n` })).toEqual([code]))

test('a network whose name starts with x- is an extension to a service', () => {
  const text = '{services: {a: {image: x, networks: [x-net]}}, networks: {x-net: {}}}'
  expect(codesOf({ 'compose.yaml': text })).toEqual(['extension-as-network'])
})

test.each([
  ['a mapping as the value of a variable', 'environment: {A: {b: c}}', 'wrong-type'],
  ['a mapping in a list of names', 'networks: [{a: b}]', 'wrong-type'],
  ['a text laid over what logging says', 'logging: none', 'merge-mismatch'],
])('%s, in a file that is laid over another', (_what, attributes, code) => {
  const base = 'image: x, environment: {A: b}, networks: [default], logging: {driver: local}'
  const files = {
    'compose.yaml': `{services: {a: {${base}}}}`,
    'compose.override.yaml': `{services: {a: {${attributes}}}}`,
  }
  expect(codesOf(files)).toEqual([code])
})

test.each([
  ['an env file that is no text', '{path: b.yaml, env_file: {a: b}}'],
  ['a project directory that is no text', '{path: b.yaml, project_directory: [a]}'],
  ['a list of lists', '[[b.yaml]]'],
])('an include with %s', (_what, include) => {
  const files = { 'compose.yaml': `include: [${include}]`, 'b.yaml': '{services: {b: {image: x}}}' }
  expect(codesOf(files)).toEqual(['wrong-type'])
})
