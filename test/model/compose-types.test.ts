// The types of a project are made by scripts/generate.mjs from the shape, the schema and texts; here they are held to the schema itself.
import { expect, test } from 'vitest'
import { compareTypes, elements, objectsIn, schema } from '../support/compare-types.ts'

/** What a file has and a project has not: gone, or read by nobody. */
const ONLY_IN_FILES = {
  version: 'means nothing',
  include: 'what it names stands in the project',
  'services.pull_refresh_after': 'Docker Compose does not read it either',
  'networks.external.name': 'stands in "name"',
  'volumes.external.name': 'stands in "name"',
  'secrets.external.name': 'stands in "name"',
  'configs.external.name': 'stands in "name"',
}

/** What a project has and a file has not: the loader's own, or one type for two elements that differ a little. */
const ONLY_IN_PROJECTS = {
  workingDir: 'from the options',
  configFiles: 'from the options',
  environmentFiles: 'from the options',
  environment: 'from the options',
  profiles: 'from the options',
  disabledServices: 'what the profiles leave out',
  extensions: 'the keys that start with x-',
  locate: 'a function',
  'services.deploy.resources.limits.devices': 'only a reservation has it',
  'services.deploy.resources.limits.generic_resources': 'only a reservation has it',
  'services.deploy.resources.reservations.pids': 'only a limit has it',
  'services.develop.watch.exec.image': 'only a hook of pre_start has it',
  'services.develop.watch.exec.per_replica': 'only a hook of pre_start has it',
  'services.post_start.image': 'only a hook of pre_start has it',
  'services.post_start.per_replica': 'only a hook of pre_start has it',
  'services.pre_stop.image': 'only a hook of pre_start has it',
  'services.pre_stop.per_replica': 'only a hook of pre_start has it',
  'secrets.content': 'a secret is not written with it, but has that of its variable',
  'configs.driver': 'only a secret has it',
  'configs.driver_opts': 'only a secret has it',
}

test('a project has the attributes of the schema and no others, but for those with a reason', () => {
  const { onlyInSchema, onlyInTypes } = compareTypes()
  expect(onlyInSchema.sort()).toEqual(Object.keys(ONLY_IN_FILES).sort())
  expect(onlyInTypes.sort()).toEqual(Object.keys(ONLY_IN_PROJECTS).sort())
})

test('the comparison leaves out no definition of the schema but that of include', () => {
  const { seen } = compareTypes()
  const left = objectsIn(schema).filter((object) => !seen.has(object))
  expect(left).toEqual([schema.$defs?.include?.oneOf?.[1]])
})

const attributes = [...elements].flatMap(([type, members]) =>
  [...members].map(([key, member]) => ({ name: `${type}.${key}`, ...member })),
)

test('every attribute says in sentences what it is, and where the specification speaks of it', () => {
  const link = /@see https:\/\/github[.]com\/compose-spec\/compose-spec\/blob\/main\/[\w.-]+#[\w-]+\n/
  for (const { name, comment } of attributes) {
    expect(comment, name).toMatch(/^\/\*\*\n +\* [A-Z`\d].*(\n +\* .*)*[.]\n +\* @see/)
    expect(comment, name).toMatch(link)
  }
})

test('every amount says its unit or form', () => {
  const ranks = ['ServiceNetwork.gw_priority', 'ServiceNetwork.priority', 'Ulimit.hard', 'Ulimit.soft']
  const amounts = attributes.filter(({ type }) => /^(number|Bytes|Duration|FileMode)$/.test(type))
  const silent = amounts.filter(({ comment }) => !/(Unit|Form): /.test(comment))
  expect(silent.map(({ name }) => name).sort()).toEqual(ranks)
})
