// The built CLI over the collection of real, broken and odd projects with Docker Compose's own output, where that collection is at hand.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

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
test.skipIf(!existsSync(join(corpus, 'cases.tar.gz')))(
  'at least 99 of 100 files mean what they mean to Docker Compose, and what it refuses is refused',
  async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'tscompose-corpus-'))
    try {
      mkdirSync(join(scratch, 'out'))
      execFileSync('tar', ['-xzf', join(corpus, 'cases.tar.gz'), '-C', join(scratch, 'out')])
      const results = await compare(join(scratch, 'out', 'cases'), join(scratch, 'results.json'))
      const ok = results.filter((one) => one.expect === 'ok')
      const equal = ok.filter(({ verdict }) => verdict === 'pass')
      expect(equal.length / ok.length).toBeGreaterThanOrEqual(0.99)
      const bad = results.filter((one) => one.expect === 'fail')
      expect(bad.filter(({ verdict }) => verdict !== 'pass').map(({ id }) => id)).toEqual(READ_AS_THE_NEWEST_DOES)
      expect(ok.length + bad.length).toBeGreaterThan(1000)
    } finally {
      rmSync(scratch, { recursive: true })
    }
  },
  600_000,
)

/** The comparer ends with 1 when anything differs, which is not the question here. */
async function compare(cases: string, file: string): Promise<readonly Verdict[]> {
  const args = [join(corpus, 'compare.mjs'), '--cases', cases, '--show', '0', '--json', file, '--', cli]
  await promisify(execFile)(process.execPath, args).catch((error: { code?: number }) => {
    if (error.code !== 1) throw error
  })
  return (JSON.parse(readFileSync(file, 'utf8')) as { results: readonly Verdict[] }).results
}
