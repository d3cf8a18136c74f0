// What is loaded is what the types say: TypeScript itself is asked about the data of a project that has every attribute.
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compareTypes, types } from '../support/compare-types.ts'
import { everyAttribute, loadEveryAttribute } from '../support/every-attribute.ts'
import { typeErrors } from '../support/type-errors.ts'
import { mentioned } from '../support/type-members.ts'

const project = loadEveryAttribute()
const { locate: _, ...data } = project
const file: unknown = parse(readFileSync(new URL('compose.yaml', everyAttribute), 'utf8'))

/** A value for each question to the compiler, with its type. */
const QUESTIONS: Readonly<Record<string, { readonly type: string; readonly value: unknown }>> = {
  'project.ts': { type: "Omit<Project, 'locate'>", value: data },
  'file.ts': { type: 'ComposeFile', value: file },
  'unknown-attribute.ts': { type: "Project['services']", value: { web: { imag: 'nginx' } } },
  'number-of-bytes.ts': { type: "Project['services']", value: { web: { mem_limit: 5 } } },
  'unknown-word.ts': { type: "Project['services']", value: { web: { cgroup: 'shared' } } },
  'slip.ts': { type: 'ComposeFile', value: { services: { web: { image: 'nginx', port: ['80:80'] } } } },
}

let errors: Readonly<Record<string, readonly string[]>> = {}

beforeAll(() => {
  const head = "import type { ComposeFile } from './compose-file.ts'\nimport type { Project } from './project.ts'\n"
  const used = 'export type Used = ComposeFile | Project\n'
  const programs = Object.entries(QUESTIONS).map(([name, { type, value }]) => [
    `test-${name}`,
    `${head}${used}export const value: ${type} = ${JSON.stringify(value)}\n`,
  ])
  errors = typeErrors(Object.fromEntries(programs), new URL('../../src/model/', import.meta.url))
})

const errorsOf = (name: string): readonly string[] | undefined => errors[`test-${name}`]

test('a project with every attribute fits the types', () => {
  expect(errorsOf('project.ts')).toEqual([])
})

test('a file with every attribute fits the type of a file', () => {
  expect(errorsOf('file.ts')).toEqual([])
})

test.each([
  ['unknown-attribute.ts', /'"imag"' does not exist in type 'Service'/],
  ['number-of-bytes.ts', /'number' is not assignable to type 'string'/],
  ['unknown-word.ts', /'"shared"' is not assignable to type '"host" | "private"'/],
  ['slip.ts', /'"port"' does not exist in type 'ServiceInput'/],
])('the types refuse what no project and no file has: %s', (name, message) => {
  expect(errorsOf(name)).toEqual([expect.stringMatching(message)])
})

test('the project that the types are held to leaves out no attribute but those that loading takes away', () => {
  const gone = /^services[.](label_file|env_file|extends)\b/
  const loaded = new Set<string>()
  collect(project, 'Project', { path: [], loaded })
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
