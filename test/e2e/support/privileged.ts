/** Whether this machine and user can run containers, and the images that a test file needs. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll } from 'vitest'
import { mustRun, program, repository, stateEnvironment } from './cli.ts'

const reason = whyNot()
export const privileged = reason === undefined
if (reason !== undefined) console.warn(`end-to-end tests are skipped: ${reason}`)

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'they need root'
  if (!existsSync(join(repository, 'native', 'prebuilt'))) return 'the native part is not built (npm run build:native)'
  return undefined
}

/** Makes (once, cached) and loads the images before the file's first test. */
export function useImages(...names: readonly string[]): void {
  beforeAll(async () => {
    for (const name of names) {
      const { stdout } = await promisify(execFile)(join(repository, 'test', 'support', 'make-images.sh'), [name], { maxBuffer: 1 << 26 })
      const archive = stdout.trim().split('\n').at(-1) ?? ''
      await mustRun(['image', 'load', '-i', archive], { cwd: repository, timeoutMs: 300_000 })
    }
  }, 900_000)
}

/** Makes (once, cached) and loads the images of examples/wordpress, as `make demo` does. */
export function useExampleImages(): void {
  beforeAll(async () => {
    const script = join(repository, 'examples', 'wordpress', 'images', 'make.sh')
    await promisify(execFile)(script, [], { env: { ...process.env, ...stateEnvironment(), TSCOMPOSE: program }, maxBuffer: 1 << 26 })
  }, 1_200_000)
}
