// The collection of real, broken and odd projects with Docker Compose's own output, where that collection is at hand.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ComposeError } from '../../src/diagnostic.ts'
import { serviceHash } from '../../src/model/hash.ts'
import { loadProject } from '../../src/model/load.ts'
import { folderReader } from '../support/folder-reader.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const corpus = process.env.TSCOMPOSE_CORPUS ?? join(root, '..', 'shared', 'corpus')
const cli = join(root, 'bin', 'tscompose')

/** Read although Docker Compose 2.40 refuses them: Docker Compose 5 reads them too (docs/compatibility.md). */
const READ_AS_THE_NEWEST_DOES = ['0724-spec-05-services-81', '1820-probe-include-conflict']

interface Verdict {
  readonly id: string
  readonly expect: string
  readonly verdict: string
}

/** Without the collection there is nothing to compare with: it is no part of this repository. */
describe.skipIf(!existsSync(join(corpus, 'cases.tar.gz')))('the collection', () => {
  let scratch = ''
  let cases = ''
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'tscompose-corpus-'))
    execFileSync('tar', ['-xzf', join(corpus, 'cases.tar.gz'), '-C', scratch])
    cases = join(scratch, 'cases')
  })
  afterAll(() => rmSync(scratch, { recursive: true }))

  test('at least 99 of 100 files mean what they mean to Docker Compose, and what it refuses is refused', async () => {
    const results = await compare(cases, join(scratch, 'results.json'))
    const ok = results.filter((one) => one.expect === 'ok')
    const equal = ok.filter(({ verdict }) => verdict === 'pass')
    expect(equal.length / ok.length).toBeGreaterThanOrEqual(0.99)
    const bad = results.filter((one) => one.expect === 'fail')
    expect(bad.filter(({ verdict }) => verdict !== 'pass').map(({ id }) => id)).toEqual(READ_AS_THE_NEWEST_DOES)
    expect(ok.length + bad.length).toBeGreaterThan(1000)
  }, 600_000)

  test('at least 95 of 100 services have the digest that Docker Compose gives them', () => {
    const all = readdirSync(cases).flatMap((id) => digestsOf(join(cases, id), id))
    expect(all.length).toBeGreaterThan(2000)
    expect(all.filter(({ theirs, ours }) => theirs === ours).length / all.length).toBeGreaterThanOrEqual(0.95)
  }, 600_000)
})

interface Digests {
  readonly theirs: string
  readonly ours: string | undefined
}

/** Paths are part of a digest, and theirs were made in /corpus. */
function digestsOf(folder: string, id: string): readonly Digests[] {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  if (!existsSync(join(folder, 'golden.more.json'))) return []
  const { hash } = read('golden.more.json')
  if (hash?.rc !== 0) return []
  const ours = hashes(folder, `/corpus/${id}`, read('case.json'))
  return hash.out
    .split('\n')
    .filter((line: string) => line !== '')
    .map((line: string) => line.split(' '))
    .map(([name, theirs]: readonly [string, string]) => ({ theirs, ours: ours.get(name) }))
}

interface Case {
  readonly cwd: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

function hashes(folder: string, seenAs: string, { cwd, args, env }: Case): ReadonlyMap<string, string> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  const workingDir = join(seenAs, cwd)
  try {
    const { project } = loadProject({
      files: values.file ?? [],
      profiles: values.profile ?? [],
      envFiles: values['env-file'] ?? [],
      projectName: values['project-name'],
      projectDirectory: values['project-directory'],
      workingDir,
      environment: { HOME: '/home/tester', PWD: workingDir, ...env },
      // As `config --hash` does.
      skip: new Set(['env-resolution', 'container-names']),
      reader: folderReader(folder, seenAs),
    })
    return new Map(Object.entries(project.services).map(([name, service]) => [name, serviceHash(service)]))
  } catch (error) {
    if (error instanceof ComposeError) return new Map()
    throw error
  }
}

const OPTIONS = {
  file: { type: 'string', short: 'f', multiple: true },
  profile: { type: 'string', multiple: true },
  'env-file': { type: 'string', multiple: true },
  'project-name': { type: 'string', short: 'p' },
  'project-directory': { type: 'string' },
} as const

/** The comparer ends with 1 when anything differs, which is not the question here. */
async function compare(cases: string, file: string): Promise<readonly Verdict[]> {
  const args = [join(corpus, 'compare.mjs'), '--cases', cases, '--show', '0', '--json', file, '--', cli]
  await promisify(execFile)(process.execPath, args).catch((error: { code?: number }) => {
    if (error.code !== 1) throw error
  })
  return (JSON.parse(readFileSync(file, 'utf8')) as { results: readonly Verdict[] }).results
}
