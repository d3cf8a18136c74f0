// In a chroot, a container's root would be made from what is outside of it. So nothing is begun there.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { program, writeProject } from './support/cli.ts'
import { privileged } from './support/privileged.ts'

/** The machine's own tree once more: each directory of it mounted in `$1`. */
const COPY =
  'for one in /*; do if [ -L "$one" ]; then cp -P "$one" "$1"; elif [ -d "$one" ]; then mkdir "$1$one"; mount --rbind "$one" "$1$one"; fi; done'

const ENTRIES = {
  'a directory': `${COPY}; exec chroot "$1" "$2" -p stuck down`,
  'a mount': `mount --rbind / "$1"; exec chroot "$1" "$2" -p stuck down`,
  'the root of a mount namespace': `mount --rbind / "$1"; cd "$1"; pivot_root . mnt; exec chroot . "$2" -p stuck down`,
  'the machine as it is': 'exec "$2" -p stuck down',
} as const

describe.runIf(privileged)('in a root that is not the mount namespace’s own', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tsc-chroot-'))
    writeProject(directory, { 'compose.yaml': 'services: { web: { image: busybox } }' })
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  /** In a mount namespace of its own, so that the mounts go with it. */
  async function inside(entry: keyof typeof ENTRIES): Promise<{ readonly code: number; readonly stderr: string }> {
    const root = mkdtempSync(join(directory, 'root-'))
    const env = {
      ...process.env,
      TSCOMPOSE_DATA_DIR: join(directory, 'data'),
      TSCOMPOSE_RUN_DIR: join(directory, 'run'),
    }
    const words = ['--mount', '--propagation', 'private', 'sh', '-euc', ENTRIES[entry], 'sh', root, program]
    return await new Promise((resolve) => {
      execFile('unshare', words, { env }, (error, _stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stderr }),
      )
    })
  }

  test.each(['a directory', 'a mount'] as const)('no container is made: %s', async (entry) => {
    const { code, stderr } = await inside(entry)
    expect(stderr).toMatch(/^error: "\/" is a chroot here, .*\n +hint: enter the directory by pivot_root/)
    expect(code).toBe(1)
    expect(existsSync(join(directory, 'data'))).toBe(false)
  })

  test.each(['the root of a mount namespace', 'the machine as it is'] as const)(
    'but elsewhere they are: %s',
    async (entry) => {
      expect(await inside(entry)).toEqual({ code: 0, stderr: expect.not.stringContaining('chroot') })
    },
  )
})
