/** Runs the built program on files of the test's own making, and tells what it said and how much memory it took. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const hook = fileURLToPath(new URL('peak-memory.cjs', import.meta.url))

/** Contents by name; or what makes them, for what is no ordinary file. */
export type Files = Readonly<Record<string, string | Uint8Array>> | ((folder: string) => void)

export interface Wish {
  readonly files: Files
  /** `config -q` if it does not say. */
  readonly args?: readonly string[]
  readonly stdin?: string
}

export interface Measured {
  /** Null when it had to be ended. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly peakMb: number
}

/** A minute only ends what hangs: on a quiet machine each of them takes less than a second. */
const PATIENCE_MS = 60_000

export function measuredRun({ files, args = ['config', '-q'], stdin = '' }: Wish): Measured {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  try {
    makeFiles(folder, files)
    const { status, output } = spawnSync(
      process.execPath,
      ['--require', hook, join(root, 'bin/tscompose.cjs'), ...args],
      {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: '/home/user' },
        input: stdin,
        stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
        encoding: 'utf8',
        timeout: PATIENCE_MS,
        killSignal: 'SIGKILL',
        maxBuffer: 256 * 2 ** 20,
      },
    )
    const [, stdout = '', stderr = '', peak] = output
    return { status, stdout: stdout ?? '', stderr: stderr ?? '', peakMb: Number(peak) / 1024 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function makeFiles(folder: string, files: Files): void {
  if (typeof files === 'function') {
    files(folder)
    return
  }
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}
