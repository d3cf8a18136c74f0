/** The package as npm would hand it out, unpacked where a program of somebody else finds it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Unpacks into `folder/node_modules/tscompose`, and returns the paths of what the package holds. */
export function unpackInto(folder: string): readonly string[] {
  const target = join(folder, 'node_modules/tscompose')
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [{ filename, files }] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }))
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1'])
  rmSync(join(folder, filename))
  return (files as readonly { readonly path: string }[]).map(({ path }) => path)
}
