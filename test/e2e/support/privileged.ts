/** Whether this machine and user can run containers, and the images that a test file needs. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll } from 'vitest'
import { whyNotPrivileged } from '../../support/privileged.ts'
import { program, repository, stateEnvironment } from './cli.ts'

const reason = whyNotPrivileged()
export const privileged = reason === undefined
if (reason !== undefined) console.warn(`end-to-end tests are skipped: ${reason}`)

/** Imports images of test/support/images before the file's first test; they are made from Debian packages once, then cached. */
export function useImages(...names: readonly string[]): void {
  makeImages(names.map((name) => join(repository, 'test', 'support', 'images', name)))
}

/** Imports the images of examples/wordpress, as `make demo` does. */
export function useExampleImages(): void {
  makeImages(['wordpress', 'mysql'].map((name) => join(repository, 'examples', 'wordpress', 'images', name)))
}

function makeImages(folders: readonly string[]): void {
  beforeAll(async () => {
    const environment = { ...process.env, ...stateEnvironment(), TSCOMPOSE: program }
    await promisify(execFile)(join(repository, 'examples', 'make-image.sh'), [...folders], {
      env: environment,
      maxBuffer: 1 << 26,
    })
  }, 1_200_000)
}
