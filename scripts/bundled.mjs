// Sources of the project as one module that runs here: what a script needs of them, with its types taken away.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { ALIASES } from './aliases.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** `contents` is a module whose imports are relative to the checkout; `outfile` stays for as long as it is used. */
export async function bundled(contents, outfile) {
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: ALIASES,
    keepNames: true,
    logLevel: 'warning',
  })
  return await import(pathToFileURL(outfile))
}
