// The library as others get it: the package is packed, unpacked into a project of somebody else, compiled against and run there.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import type * as Library from '../../src/api.ts'
import { codeBlocks } from '../support/code-blocks.ts'
import { unpackInto } from '../support/packed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const example = (file: string, index: number): string =>
  codeBlocks(new URL(`../../${file}`, import.meta.url))[index] ?? ''

/** A program of somebody else, and what little of Node.js it knows. What a line may not say is marked for the compiler. */
const SOURCES: Readonly<Record<string, string>> = {
  'node.d.ts': `
    declare const console: { log(...values: readonly unknown[]): void }
    declare const process: { readonly stderr: { write(text: string): void }; exitCode: number | undefined }`,
  'readme.ts': example('README.md', 0),
  'options.ts': example('docs/api.md', 0),
  'memory.ts': example('docs/api.md', 1),
  'frozen.ts': `
    import { loadProject, type Service } from 'tscompose'
    const { project } = loadProject({ environment: {} })
    const web: Service | undefined = project.services.web
    if (!web) throw new Error('there is no web')
    try {
      // @ts-expect-error: a project is read-only
      web.image = 'another'
    } catch (error) {
      console.log((error as Error).name, web.image)
    }`,
  'required.cts': `
    import tscompose = require('tscompose')
    const { project }: tscompose.LoadedProject = tscompose.loadProject({ environment: {} })
    console.log(project.services.web?.image)`,
}

const COMPOSE = `services:
  web:
    image: nginx:\${TAG:-1.26}
    ports: ["8080:80"]
  db: { image: mariadb, profiles: [debug] }
`

let folder = ''
let packed: readonly string[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-library-'))
  packed = unpackInto(folder)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(folder, 'app'))
  writeFileSync(join(folder, 'app/compose.yaml'), COMPOSE)
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** What the compiler says about the program; what it makes goes to `made/`. */
function compile(options: Readonly<Record<string, unknown>>, files: readonly string[]): string {
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false }
  const compilerOptions = { ...strict, target: 'es2022', lib: ['es2022'], types: [], outDir: 'made', ...options }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  return spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  }).stdout
}

function run(
  file: string,
  compose = COMPOSE,
): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  writeFileSync(join(folder, 'app/compose.yaml'), compose)
  const environment = { PATH: process.env.PATH, HOME: '/home/user' }
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, 'made', file)], {
    cwd: join(folder, 'app'),
    env: environment,
    encoding: 'utf8',
  })
  return { stdout, stderr, status }
}

describe('a strict program, without types of others,', () => {
  beforeAll(() => {
    expect(compile({ module: 'node16', moduleResolution: 'node16' }, Object.keys(SOURCES))).toBe('')
  }, 60_000)

  test('does what the README shows', () => {
    expect(run('readme.js')).toEqual({ stdout: 'web runs nginx:1.26, says compose.yaml:3:12\n', stderr: '', status: 0 })
  })

  test('gets every mistake, and shows them as the README shows', () => {
    const mistakes = 'services:\n  web: { imagee: nginx }\n  db: { image: mariadb, prots: ["1:1"] }\n'
    const { stdout, stderr, status } = run('readme.js', mistakes)
    expect(stderr).toContain('compose.yaml:2:10: error: ')
    expect(stderr).toContain('compose.yaml:3:25: error: ')
    expect(stderr).toContain('hint: did you mean "image"?')
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
  })

  test('does what the page on the library shows', () => {
    expect(run('options.js').stdout).toBe('8080 -> 80\n')
    expect(run('memory.js').stdout).toBe("app [ 'web', 'db' ] 536870912\n")
  })

  test('cannot change a project', () => {
    expect(run('frozen.js').stdout).toBe('TypeError nginx:1.26\n')
  })

  test('may require it', () => {
    expect(run('required.cjs').stdout).toBe('nginx:1.26\n')
  })
})

test('a program for a bundler finds the types too', () => {
  const modules = Object.keys(SOURCES).filter((name) => name.endsWith('.ts'))
  expect(compile({ module: 'esnext', moduleResolution: 'bundler', noEmit: true }, modules)).toBe('')
})

const required = (): typeof Library => createRequire(join(folder, 'app/'))('tscompose')

test('a project is frozen all the way down', () => {
  const workingDir = join(root, 'test/golden/model/every-attribute')
  const profiles = ['*']
  const { project, warnings } = required().loadProject({ workingDir, profiles, environment: {}, allResources: true })
  expect([...thawed(project, 'project'), ...thawed(warnings, 'warnings')]).toEqual([])
  expect(Object.isFrozen(profiles)).toBe(false)
})

test('whoever imports and whoever requires get the same ComposeError', () => {
  const script = `
    import { createRequire } from 'node:module'
    import { ComposeError } from 'tscompose'
    console.log(createRequire(import.meta.url)('tscompose').ComposeError === ComposeError)`
  expect(evaluate(script)).toBe('true\n')
})

test('importing it does nothing', () => {
  const script = `
    const look = () => JSON.stringify([
      Object.getOwnPropertyNames(globalThis), process.eventNames(), process.env, process.cwd(), process.exitCode ?? null,
      Object.getOwnPropertyNames(Object.prototype), Object.getOwnPropertyNames(Array.prototype),
    ])
    const before = look()
    await import('tscompose')
    console.log(before === look())`
  expect(evaluate(script)).toBe('true\n')
})

test('the package has what its entries name, and neither sources nor tests', () => {
  const entries = [packageJson.main, packageJson.types, ...targetsOf(packageJson.exports)]
  expect(entries.filter((entry) => !existsSync(join(folder, 'node_modules/tscompose', entry)))).toEqual([])
  const known = /^(bin|dist|man|schemas)[/]|^(LICENSE|README[.]md|package[.]json|oclif[.]manifest[.]json)$/
  expect(packed.filter((path) => !known.test(path) || /(?<![.]d)[.][cm]?ts$/.test(path))).toEqual([])
})

test('the schema can be had', () => {
  const schema = createRequire(join(folder, 'app/'))('tscompose/schemas/compose.json') as { readonly title: string }
  expect(schema.title).toBe('Compose Specification')
})

function evaluate(script: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(folder, 'app'),
    encoding: 'utf8',
  })
}

/** The paths of what can still be changed. */
function thawed(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([key, one]) => thawed(one, `${path}.${key}`))
  return Object.isFrozen(value) ? inner : [path, ...inner]
}

const targetsOf = (exports: unknown): readonly string[] =>
  typeof exports === 'string' ? [exports] : Object.values(exports as object).flatMap(targetsOf)
