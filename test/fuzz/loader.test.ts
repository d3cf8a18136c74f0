/**
 * Loads texts that nobody wrote. `make test` loads the same ones each time, so that it fails for what was changed and never by chance;
 * `make fuzz` looks for new ones, from another seed (TSCOMPOSE_FUZZ_SEED) and for ten minutes (TSCOMPOSE_FUZZ_SECONDS).
 * Whatever a file says, it is loaded or it is refused with words for its author; it never shows an error of our own.
 * A text that loads in a way that none did before is kept, and changed further. What fails is written out in full, with the seed.
 */
import { expect, test } from 'vitest'
import { ComposeError, type Diagnostic } from '../../src/diagnostic.ts'
import type { LoadedProject } from '../../src/model/load.ts'
import { renderJson, renderYaml } from '../../src/model/render.ts'
import { goldenNames, goldenOptions } from '../support/golden-projects.ts'
import { loadFiles } from '../support/load-text.ts'
import { mutate } from './mutate.ts'
import { pick, randomFrom } from './random.ts'

const SECONDS = process.env.TSCOMPOSE_FUZZ_SECONDS
const SEED = Number(process.env.TSCOMPOSE_FUZZ_SEED ?? 1)
/** How many are loaded where no time is given. */
const TEXTS = 10_000
/** Far above what any of these texts takes, even on a busy machine. */
const HANGING_MS = 10_000

const ENVIRONMENT = { HOME: '/home/user', A: 'a b', EMPTY: '' }
/** What the texts may include, extend or read. */
const OTHERS = {
  'base.yaml': 'services:\n  base:\n    image: nginx\n    environment: {A: b}\n',
  'app.env': 'A=1\nB="two\\n"\n',
}

const seeds = (): string[] =>
  goldenNames().flatMap((name) => goldenOptions(name).reader.read(`/home/dev/${name}/compose.yaml`)?.toString() ?? [])

const load = (files: Readonly<Record<string, string>>): LoadedProject =>
  loadFiles({ ...OTHERS, ...files }, { environment: ENVIRONMENT })

const LOADED = 'loaded with '

/** What there was to see of a text: the codes it was refused with, or the attributes it was loaded and printed with. */
function trial(files: Readonly<Record<string, string>>): string {
  const started = performance.now()
  const seen = outcome(files)
  expect(performance.now() - started).toBeLessThan(HANGING_MS)
  // biome-ignore lint/suspicious/noExplicitAny: a key of the text must not have reached it
  expect(Object.keys(Object.prototype) as any).toEqual([])
  return seen
}

function outcome(files: Readonly<Record<string, string>>): string {
  let loaded: LoadedProject
  try {
    loaded = load(files)
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error
    expect(error.diagnostics.length).toBeGreaterThan(0)
    error.diagnostics.forEach(expectHelp)
    return [...new Set(error.diagnostics.map(({ code }) => code))].sort().join(' ')
  }
  loaded.warnings.forEach(expectHelp)
  expectFrozen(loaded.project)
  expectToPrint(loaded)
  return `${LOADED}${[...new Set(Object.values(loaded.project.services).flatMap(Object.keys))].sort()}`
}

function expectHelp({ code, message, hint, at }: Diagnostic): void {
  expect(code).toMatch(/^[a-z0-9.-]+$/)
  expect(message).toMatch(/\S/)
  expect(hint).toMatch(/\S/)
  if (!at) return
  expect(at.line).toBeGreaterThan(0)
  expect(at.column).toBeGreaterThan(0)
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (!Object.isFrozen(value)) throw new Error(`this part of the project can be changed: ${JSON.stringify(value)}`)
  for (const inner of Object.values(value)) expectFrozen(inner)
}

/**
 * What is printed is YAML, and once it has been read and printed it stays as it is. Where Docker Compose prints what it would not read
 * (keys with dollar signs, which it doubles and nobody halves) or reads as something else (a default that was left out), so must we.
 */
function expectToPrint({ project }: LoadedProject): void {
  unlessRefused(() => JSON.parse(renderJson(project)))
  if (hasKeyWithDollar(project) || /^ *\?/m.test(renderYaml(project))) return
  const read = (yaml: string) => loadFiles({ 'compose.yaml': yaml }, { projectName: project.name }).project
  const again = unlessRefused(() => renderYaml(read(renderYaml(project))))
  if (again !== undefined && renderYaml(read(again)) !== again)
    throw new Error(`${again}\nis read as\n${renderYaml(read(again))}`)
}

function hasKeyWithDollar(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => key.includes('$') || hasKeyWithDollar(inner))
}

function unlessRefused<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof ComposeError) || error.diagnostics.some(({ code }) => code.startsWith('yaml-'))) throw error
    return undefined
  }
}

test(`whatever is in a file, it is loaded or refused with help (seed ${SEED})`, {
  timeout: (Number(SECONDS ?? 60) + 60) * 1000,
}, () => {
  const random = randomFrom(SEED)
  const known = new Set<string>()
  const pool = seeds().filter((text) => trial({ 'compose.yaml': text }).startsWith(LOADED))
  const end = performance.now() + Number(SECONDS) * 1000
  const goesOn = (count: number) => (SECONDS ? performance.now() < end : count < TEXTS)
  for (let count = 0; goesOn(count); count += 1) {
    const text = mutate(pick(random, pool), random, pick(random, pool))
    const files = random(8) === 0 ? { 'compose.yaml': pick(random, pool), '.env': text } : { 'compose.yaml': text }
    let seen: string
    try {
      seen = trial(files)
    } catch (error) {
      throw new Error(`seed ${SEED}: ${(error as Error).message}\nwith ${JSON.stringify(files)}`, { cause: error })
    }
    if (!known.has(seen) && seen.startsWith(LOADED)) pool.push(text)
    known.add(seen)
  }
  expect(known.size).toBeGreaterThan(20)
})
