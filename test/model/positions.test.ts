// Every value of a project can tell where it was written.
import { expect, test } from 'vitest'
import { loadProject } from '../../src/model/load.ts'
import type { Path, Project } from '../../src/model/project.ts'
import { goldenOptions } from '../support/golden-projects.ts'

const { project } = loadProject(goldenOptions('every-attribute'))

/** What nobody wrote. */
const WITHOUT_PLACE = [
  'services.web.secrets.0.target',
  'services.inline.build.context',
  'networks.outside.name',
  'volumes.there.name',
  'configs.file.name',
  'configs.variable.name',
  'configs.there.name',
  'secrets.variable.name',
  'secrets.variable.content',
  'secrets.driven.name',
  'secrets.there.name',
]

test('every value but defaults knows where it was written', () => {
  const sections = ['services', 'networks', 'volumes', 'configs', 'secrets', 'models'] as const
  const paths = sections.flatMap((section) => pathsIn(project[section], [section]))
  expect(paths.length).toBeGreaterThan(500)
  expect(paths.filter((path) => !project.locate(path)).map((path) => path.join('.'))).toEqual(WITHOUT_PLACE)
})

test.each([
  ['a text', ['services', 'web', 'hostname'], 'hostname: [web]'],
  ['a value in a mapping', ['services', 'web', 'environment', 'A'], 'environment: {A: [b], UNSET: null}'],
  ['an item of a short form', ['services', 'web', 'ports', 0], '- [8000:80]'],
  ['a part of a long form', ['services', 'web', 'ports', 1, 'target'], 'target: [443]'],
  ['a word of a command that is one text', ['services', 'web', 'command', 1], 'command: [run it]'],
  ['an attribute with attributes', ['services', 'web', 'healthcheck'], '[healthcheck]:'],
  ['a variable of an env file', ['services', 'web', 'environment', 'FROM_FILE'], '[FROM_FILE=1]'],
  ['a label of a label file', ['services', 'web', 'labels', 'from.file'], '[from.file=1]'],
  ['a service', ['services', 'db'], '[db]:'],
])('%s stands at its first character', (_, path, marked) => {
  expect(mark(project, path)).toBe(marked)
})

/** The source line with the place in brackets. */
function mark({ locate }: Project, path: Path): string {
  const { sourceLine = '', column = 0, length = 0 } = locate(path) ?? {}
  const end = column - 1 + length
  return `${sourceLine.slice(0, column - 1)}[${sourceLine.slice(column - 1, end)}]${sourceLine.slice(end)}`.trim()
}

/** The paths of everything below a value. */
function pathsIn(value: unknown, path: Path): readonly Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = [...path, Array.isArray(value) ? Number(key) : key]
    return [below, ...pathsIn(inner, below)]
  })
}
