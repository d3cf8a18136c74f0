// Builds dist/: main.cjs, one CommonJS file for each command and each shared room, the library with its types, and oclif's manifest. Where
// there is no native part, Node's half of the launcher is bin/tscompose.
// CommonJS because Node starts it 5 ms sooner than modules; one file for each command because what is not read costs nothing.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Plugin } from '@oclif/core'
import { build } from 'esbuild'
import { ALIASES } from './aliases.mjs'
import { declarationsOf } from './types/declarations.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const ELF = Buffer.from('\x7fELF')

/** Rooms that several commands share: a file of their own each, so that their classes exist once and Node's compile cache serves all. */
const SHARED = [
  'src/base-command.ts',
  'src/diagnostic.ts',
  'src/digests.ts',
  'src/driver/driver.ts',
  'src/cli/failure.ts',
  'src/model/load.ts',
  'src/driver/open.ts',
]

await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
await bundleForRunning(['src/cli/main.ts', 'src/api.ts'])
await openLibrary()
await writeManifest()
await compileAhead()
if (!(await hasLauncher())) await copyFile(join(root, 'bin/tscompose.cjs'), join(root, 'bin/tscompose'))

/** Follows the chunk boundaries from the entries on: shared rooms and dynamic imports become files of their own. */
async function bundleForRunning(entries) {
  const waiting = [...entries]
  const built = new Set(waiting)
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    for (const next of await bundleOne(entry)) {
      if (built.has(next)) continue
      built.add(next)
      waiting.push(next)
    }
  }
}

async function bundleOne(entry) {
  const boundaries = new Set()
  const outfile = join(dist, chunkName(entry))
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    outfile,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // What esbuild does not count on in every Node 20 there is, it would make at load (`new RegExp`).
    supported: { 'dynamic-import': false, 'regexp-unicode-property-escapes': true },
    define: {
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
    alias: ALIASES,
    plugins: [chunkBoundaries(entry, boundaries)],
    logLevel: 'warning',
  })
  await writeFile(outfile, requireLate(requireChunksAsTheyAre(outputFiles[0].text)))
  return boundaries
}

/** Our chunks carry their exports as they are meant; esbuild would wrap them as Node wraps foreign CommonJS. */
function requireChunksAsTheyAre(text) {
  return text.replace(/__toESM\(require\(("[.][/][^"]+[.]cjs")\),\s*1\)/g, 'require($1)')
}

/** Node's own modules that take milliseconds to load, and that not every run of a command needs: they are required where they are used. */
function requireLate(text) {
  const heavy =
    /\b(import_\w+)\s*=\s*(require\("node:(?:child_process|crypto|fs\/promises|https?|net|os|readline|stream|stream\/promises|timers\/promises|tls|zlib)"\))/g
  const late = new Map([...text.matchAll(heavy)].map(([, name, required]) => [name, required]))
  const declared = text.replace(heavy, '$1')
  // In parentheses, because of `new`.
  return declared.replace(/\bimport_\w+(?=[.])/g, (name) => (late.has(name) ? `(${late.get(name)})` : name))
}

function chunkBoundaries(entry, boundaries) {
  return {
    name: 'chunk-boundaries',
    setup({ onResolve }) {
      onResolve({ filter: /^[.]/ }, ({ path, kind, resolveDir }) => {
        const target = relative(root, resolve(resolveDir, path))
        const isShared = SHARED.includes(target)
        const isBoundary = kind !== 'entry-point' && target !== entry && (kind === 'dynamic-import' || isShared)
        if (!isBoundary) return undefined
        boundaries.add(target)
        return { path: `./${chunkName(target)}`, external: true }
      })
    },
  }
}

/** `src/commands/image/load.ts` becomes `commands-image-load.cjs`; what the user waits for most has the short name. */
function chunkName(source) {
  if (source === 'src/cli/main.ts') return 'main.cjs'
  return `${relative('src', source)
    .replace(/[.]ts$/, '')
    .replaceAll('/', '-')}.cjs`
}

/**
 * The library is one CommonJS file, so that there is one ComposeError for those who import and those who require; for importers it
 * has a module with its names. dist/types/ is laid out as src/ is.
 */
async function openLibrary() {
  const names = Object.keys(createRequire(import.meta.url)(join(dist, 'api.cjs'))).sort()
  const module = `import library from './api.cjs'\nexport const { ${names.join(', ')} } = library\n`
  await writeFile(join(dist, 'api.mjs'), module)
  const declarations = declarationsOf('api.ts', join(root, 'src'))
  for (const [file, text] of [...declarations, ['api.d.mts', "export * from './api.cjs'\n"]]) {
    await mkdir(dirname(join(dist, 'types', file)), { recursive: true })
    await writeFile(join(dist, 'types', file), text)
  }
}

/** The manifest is made by the real oclif from the real classes: it is what oclif's tools and our own help read. */
async function writeManifest() {
  await bundleForOclif()
  const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  await writeFile(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`)
}

/** `dist/commands.mjs` is the target of oclif's "explicit" strategy in package.json: every class, on the real `@oclif/core`. */
async function bundleForOclif() {
  await build({
    stdin: {
      contents: `import { COMMANDS as loaders } from './src/cli/commands.ts'
        const load = async ([id, loader]) => [id, (await loader()).default]
        export const COMMANDS = Object.fromEntries(await Promise.all(Object.entries(loaders).map(load)))`,
      resolveDir: root,
    },
    outfile: join(dist, 'commands.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
  })
}

/** In a process of its own, which runs what was built. */
async function compileAhead() {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/compile-ahead.mjs')])
}

/** The native part's build puts a program there. */
async function hasLauncher() {
  const found = await readFile(join(root, 'bin/tscompose')).catch(() => Buffer.of())
  return found.subarray(0, ELF.length).equals(ELF)
}
