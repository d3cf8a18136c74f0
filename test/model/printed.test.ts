/** Corners of what `config` prints, as Docker Compose prints them: one line for each. */
import { describe, expect, test } from 'vitest'
import { renderJson, renderYaml } from '../../src/model/render.ts'
import { loadFiles, loadText } from '../support/load-text.ts'

const printed = (attributes: string): unknown =>
  JSON.parse(renderJson(loadText(`{services: {a: {image: x, ${attributes}}}}`))).services.a

test.each([
  ['a limit of 0 is printed as two', 'ulimits: {core: 0}', { ulimits: { core: {} } }],
  [
    'parts that are always printed, even when nobody wrote them',
    'blkio_config: {device_read_bps: [{}]}',
    { blkio_config: { device_read_bps: [{ Path: '', Rate: '0' }] } },
  ],
])('%s', (_what, attributes, expected) => expect(printed(attributes)).toMatchObject(expected))

test('a scale is the number of replicas too, where there is a deploy', () => {
  expect(printed('scale: 2, deploy: {labels: {a: b}}')).toMatchObject({ scale: 2, deploy: { replicas: 2 } })
})

test('a host without addresses leaves an empty list', () => {
  expect(printed('extra_hosts: {h: []}')).toMatchObject({ extra_hosts: [] })
  expect(printed('extra_hosts: {}')).not.toHaveProperty('extra_hosts')
})

test('what replaces something whole has no marks of its own: a reset in it is text', () => {
  const files = {
    'compose.yaml': '{services: {a: {image: x, labels: {l: "1"}}}}',
    'compose.override.yaml': '{services: {a: {labels: !override {m: !reset 2}}}}',
  }
  expect(loadFiles(files).project.services.a?.labels).toEqual({ m: '2' })
})

test('a size that is a fraction without unit is none, and that is said', () => {
  const { project, warnings } = loadFiles({ 'compose.yaml': '{services: {a: {image: x, shm_size: 1.5}}}' })
  expect(project.services.a?.shm_size).toBeUndefined()
  expect(warnings.map(({ code }) => code)).toEqual(['ignored-size'])
})

test('the profile without a name is active as long as no other is named', () => {
  const file = { 'compose.yaml': '{services: {a: {image: x, profiles: [""]}}}' }
  expect(Object.keys(loadFiles(file).project.services)).toEqual(['a'])
  expect(Object.keys(loadFiles(file, { profiles: ['b'] }).project.services)).toEqual([])
})

test('naming a service wakes others of its profile, but not their mistakes', () => {
  const file = {
    'compose.yaml': `{services: {
      a: {image: x, profiles: [p]},
      b: {image: x, profiles: [p], depends_on: [c]},
      c: {image: x, profiles: [q]}}}`,
  }
  expect(Object.keys(loadFiles(file, { services: ['a'] }).project.services)).toEqual(['a'])
  expect(() => loadFiles(file, { services: ['b'] })).toThrow(/"c" is needed, but its profile is not active/)
})

test('a name that ends an env file without a line break is a value without a name, and that is said', () => {
  const files = { 'compose.yaml': '{services: {a: {image: x, env_file: a.env}}}', 'a.env': 'A=1\nB' }
  const { project, warnings } = loadFiles(files)
  expect(project.services.a?.environment).toEqual({ A: '1', '': 'B' })
  expect(warnings.map(({ code }) => code)).toEqual(['nameless-variable'])
})

test('an include that names no file adds nothing, and that is said', () => {
  const { project, warnings } = loadFiles({ 'compose.yaml': '{include: [{}], services: {a: {image: x}}}' })
  expect(Object.keys(project.services)).toEqual(['a'])
  expect(warnings.map(({ code }) => code)).toEqual(['empty-include'])
})

describe('in YAML', () => {
  const extension = (value: string): string => {
    const text = renderYaml(loadText(`{services: {}, x-a: ${value}}`))
    return text.slice(text.indexOf('x-a:'))
  }
  test.each([
    ['a key of several lines', '{"a\\nb": c, d: e}', ['  ? |-', '    a', '    b', '  : c', '  d: e']],
    ['a mapping below such a key', '{"a\\nb": {c: d, e: f}}', ['  ? |-', '    a', '    b', '  : c: d', '    e: f']],
    ['such a key in a list', '[{"a\\nb": [c]}]', ['  - ? |-', '      a', '      b', '    : - c']],

    ['emoji', '{a: \u{1F600}}', ['  a: "\\U0001F600"']],
    ['a float beyond all whole numbers', '18446744073709551616', undefined],
  ])('%s', (_what, value, lines) =>
    expect(extension(value)).toBe(lines ? `x-a:\n${lines.join('\n')}\n` : 'x-a: 1.8446744073709552e+19\n'),
  )
})
