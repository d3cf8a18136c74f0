// Builds the native part with cargo: the addon that Node loads, and four programs, the launcher, the monitor, the OCI runtime and the one that copies
// files, linked statically with musl so that they run whatever the machine's C library and hold none under the LGPL. The launcher ends as bin/tscompose,
// the others in native/prebuilt/TRIPLE/. With --if-needed it does nothing when they are newer than all sources, and lets the installation go on where
// there is no cargo.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const ifNeeded = process.argv.includes('--if-needed')
const outDir = join(root, 'native', 'prebuilt', `linux-${process.arch}-gnu`)
const built = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target')
const musl = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-musl`

const ADDON = { source: join(built, 'release', 'libaddon.so'), target: join(outDir, 'tscompose.node'), mode: 0o644 }
const program = (name, folder) => ({
  source: join(built, musl, 'release', name),
  target: join(folder, name),
  mode: 0o755,
})
const PROGRAMS = {
  launcher: program('tscompose', join(root, 'bin')),
  monitor: program('tscompose-monitor', outDir),
  runtime: program('tscompose-runtime', outDir),
  files: program('tscompose-files', outDir),
}
const OUTPUTS = [ADDON, ...Object.values(PROGRAMS)]

process.exitCode = main()

function main() {
  if (ifNeeded && isFresh()) return 0
  const missing = whyNot()
  if (missing !== undefined) {
    process.stdout.write(`the native part is not built: ${missing}\n`)
    return ifNeeded ? 0 : 1
  }
  if (!hasLibraries() || !cargo(['build', '-p', 'addon'])) return 1
  for (const crate of Object.keys(PROGRAMS)) if (!cargo(['build', '-p', crate, '--target', musl])) return 1
  mkdirSync(outDir, { recursive: true })
  for (const output of OUTPUTS) place(output)
  process.stdout.write(`built ${outDir}\n`)
  return 0
}

function whyNot() {
  if (process.platform !== 'linux') return 'containers need Linux'
  if (spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status !== 0)
    return 'no cargo here (get it from https://rustup.rs, then run: npm run build:native)'
  return undefined
}

/** rustup fetches what rust-toolchain.toml names by itself only where it is allowed to (RUSTUP_AUTO_INSTALL). */
function hasLibraries() {
  const where = spawnSync('rustc', ['--print', 'target-libdir', '--target', musl], { cwd: root, encoding: 'utf8' })
  if (where.status === 0 && existsSync(where.stdout.trim())) return true
  if (spawnSync('rustup', ['target', 'add', musl], { cwd: root, stdio: 'inherit' }).status === 0) return true
  process.stdout.write(`Rust's standard library for ${musl} is missing, and rustup can't get it\n`)
  return false
}

function cargo([command, ...rest]) {
  const args = [command, '--release', '--locked', '--quiet', ...rest]
  return spawnSync('cargo', args, { cwd: root, stdio: 'inherit' }).status === 0
}

/** Written beside and renamed: a monitor that runs keeps its own file, and nobody ever loads half an addon. */
function place({ source, target, mode }) {
  const unfinished = `${target}.new`
  copyFileSync(source, unfinished)
  chmodSync(unfinished, mode)
  renameSync(unfinished, target)
}

function isFresh() {
  const targets = OUTPUTS.map((output) => output.target)
  if (!targets.every((target) => existsSync(target))) return false
  const oldest = Math.min(...targets.map((target) => statSync(target).mtimeMs))
  return sources().every((source) => statSync(source).mtimeMs <= oldest)
}

function sources() {
  const crates = ['kernel', 'addon', ...Object.keys(PROGRAMS)].map((crate) => join(root, 'native', crate))
  const inCrates = crates.flatMap((crate) =>
    readdirSync(crate, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /[.](rs|toml)$/.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  )
  return [join(root, 'Cargo.toml'), join(root, 'Cargo.lock'), ...inCrates]
}
