// What is loaded is what the types say: TypeScript itself is asked about the data of projects, one of which has every attribute.
import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadProject } from '../../src/model/load.ts'
import type { Project } from '../../src/model/project.ts'
import { renderJson } from '../../src/model/render.ts'
import { compareTypes, types } from '../support/compare-types.ts'
import { goldenNames, goldenOptions, goldenRoot } from '../support/golden-projects.ts'
import { loadText } from '../support/load-text.ts'
import { typeErrors } from '../support/type-errors.ts'
import { mentioned } from '../support/type-members.ts'

interface Question {
  readonly type: string
  readonly value: unknown
}

const SLIPS: Readonly<Record<string, Question>> = {
  'unknown-attribute': { type: "Project['services']", value: { web: { imag: 'nginx' } } },
  'number-of-bytes': { type: "Project['services']", value: { web: { mem_limit: 5 } } },
  'unknown-word': { type: "Project['services']", value: { web: { cgroup: 'shared' } } },
  'slip-in-a-file': { type: 'ComposeFile', value: { services: { web: { image: 'nginx', port: ['80:80'] } } } },
}

const golden = goldenNames().filter((name) => existsSync(new URL(`${name}/expected.json`, goldenRoot)))
const everyAttribute = new URL('every-attribute/compose.yaml', goldenRoot)

const load = (name: string): Project => loadProject(goldenOptions(name)).project

function withoutFunctions({ locate: _, ...data }: Project): Question {
  return { type: "Omit<Project, 'locate'>", value: data }
}

let errors: Readonly<Record<string, readonly string[]>> = {}

beforeAll(() => {
  const head = "import type { ComposeFile } from './compose-file.ts'\nimport type { Project } from './project.ts'\n"
  const used = 'export type Used = ComposeFile | Project\n'
  const questions: Readonly<Record<string, Question>> = {
    ...SLIPS,
    file: { type: 'ComposeFile', value: parse(readFileSync(everyAttribute, 'utf8')) },
    ...Object.fromEntries(golden.map((name) => [`golden-${name}`, withoutFunctions(load(name))])),
  }
  const programs = Object.entries(questions).map(([name, { type, value }]) => [
    `${name}.ts`,
    `${head}${used}export const value: ${type} = ${literal(value)}\n`,
  ])
  errors = typeErrors(Object.fromEntries(programs), new URL('../../src/model/', import.meta.url))
}, 60_000)

/** Only extensions have numbers too big for JSON, and may be anything. In a program the names that objects have are keys unlike others. */
const literal = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)).replace(
    /"(__proto__|constructor|hasOwnProperty|toString)":/g,
    '"own-$1":',
  )

const errorsOf = (name: string): readonly string[] | undefined => errors[`${name}.ts`]

test.each(golden)('the golden project %s fits the types', (name) => {
  expect(errorsOf(`golden-${name}`)).toEqual([])
})

test('what was written with an empty name has an empty one, which is not printed', () => {
  const empty = loadText('services: {web: {image: nginx, networks: [net]}}\nnetworks: {net: {name: ""}}\n')
  expect(empty.networks.net).toEqual({ name: '' })
  expect(JSON.parse(renderJson(empty)).networks.net).toEqual({ ipam: {} })
})

test('a file with every attribute fits the type of a file', () => {
  expect(errorsOf('file')).toEqual([])
})

test.each([
  ['unknown-attribute', /'"imag"' does not exist in type 'Service'/],
  ['number-of-bytes', /'number' is not assignable to type 'string'/],
  ['unknown-word', /'"shared"' is not assignable to type '"host" | "private"'/],
  ['slip-in-a-file', /'"port"' does not exist in type 'ServiceInput'/],
])('the types refuse what no project and no file has: %s', (name, message) => {
  expect(errorsOf(name)).toEqual([expect.stringMatching(message)])
})

test('the project that the types are held to leaves out no attribute but those that loading takes away', () => {
  const gone = /^services[.](label_file|env_file|extends)\b/
  const loaded = new Set<string>()
  collect(load('every-attribute'), 'Project', { path: [], loaded })
  expect(compareTypes().inBoth.filter((path) => !gone.test(path) && !loaded.has(path))).toEqual([])
})

interface Place {
  readonly path: readonly string[]
  readonly loaded: Set<string>
}

/** The paths of all attributes that a value of the type has. */
function collect(value: unknown, type: string, { path, loaded }: Place): void {
  for (const [key, member] of types.get(type) ?? []) {
    const inner = (value as Readonly<Record<string, unknown>> | null)?.[key]
    if (inner === undefined) continue
    const below = [...path, key]
    loaded.add(below.join('.'))
    const [innerType] = mentioned(member, types)
    const several = /^(readonly|Readonly)\b/.test(member.type)
    if (innerType)
      for (const one of several ? Object.values(inner as object) : [inner])
        collect(one, innerType, { path: below, loaded })
  }
}
