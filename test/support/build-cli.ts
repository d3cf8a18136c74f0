/** Builds dist/ before the tests that run it, unless it is newer than everything it is made from. */
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export function setup(): void {
  const builtAt = statSync(join(root, 'oclif.manifest.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = ['src', 'scripts', 'bin', 'package.json'].flatMap(filesBelow)
  if (sources.some((file) => statSync(file).mtimeMs > builtAt))
    execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
}

function filesBelow(name: string): readonly string[] {
  const path = join(root, name)
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
