// What layers are unpacked to, file by file, beside what umoci and a Docker daemon make of them.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { docker, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { listTree, makeNastyImage, withMerged } from '../support/nasty-image.ts'
import { whyNot } from '../support/other-programs.ts'
import { tscompose } from './support/cli.ts'
import { privileged } from './support/privileged.ts'

const execute = promisify(execFile)

describe.runIf(privileged && whyNot('python3') === undefined)('an image with every kind of file', () => {
  let cwd = ''
  let archive = ''
  let environment: Record<string, string> = {}

  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-trees-'))
    environment = { TSCOMPOSE_DATA_DIR: join(cwd, 'data'), TSCOMPOSE_RUN_DIR: join(cwd, 'run') }
    archive = makeNastyImage(cwd)
    expect((await run('image', 'load', '-i', archive)).stdout).toBe('Loaded image: made:1\n')
  })
  afterEach(() => rmSync(cwd, { recursive: true, force: true }))

  const run = (...words: readonly string[]) => tscompose(words, { cwd, environment })

  /** Topmost first. */
  async function ourLayers(): Promise<readonly string[]> {
    const { stdout } = await run('image', 'inspect', '-f', '{{range .RootFS.Layers}}{{.}} {{end}}', 'made:1')
    const names = stdout.trim().split(' ')
    return names.map((one) => join(cwd, 'data/layers', one.slice('sha256:'.length), 'fs')).toReversed()
  }

  /** In overlayfs a file counts the names that are gone as well. */
  const isPlain = (line: string): boolean => !line.startsWith('pair/three ')

  function expectSame(ours: readonly string[], theirs: readonly string[]): void {
    expect(ours).toEqual(theirs)
    expect(ours.length).toBeGreaterThan(25)
  }

  test('is exported as one archive, from which tar makes the same tree', async () => {
    expect((await run('image', 'export', '-o', join(cwd, 'exported.tar'), 'made:1')).code).toBe(0)
    mkdirSync(join(cwd, 'exported'))
    const whole = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--delay-directory-restore']
    await execute('tar', ['-C', join(cwd, 'exported'), ...whole, '-xpf', join(cwd, 'exported.tar')])
    // As `docker export`: whole seconds, and of the attributes only capabilities.
    const told = (line: string): string => line.replace(/ (\d{10})\d{9} /, ' $1000000000 ').replace(/\{'user.*\}/, '{}')
    const ours = withMerged(cwd, await ourLayers(), listTree).map(told)
    expectSame(listTree(join(cwd, 'exported')).filter(isPlain), ours.filter(isPlain))
    expect(readdirSync(join(cwd, 'data/images')).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test.runIf(whyNot('umoci') === undefined)('is unpacked as umoci unpacks it', async () => {
    expect((await run('image', 'save', '-o', join(cwd, 'saved.tar'), 'made:1')).code).toBe(0)
    mkdirSync(join(cwd, 'layout'))
    await execute('tar', ['-C', join(cwd, 'layout'), '-xf', join(cwd, 'saved.tar')])
    await execute('umoci', ['unpack', '--image', `${join(cwd, 'layout')}:1`, join(cwd, 'umoci')])
    const [ours, theirs] = [withMerged(cwd, await ourLayers(), listTree), listTree(join(cwd, 'umoci', 'rootfs'))]
    expectSame(ours.filter(isPlain), theirs.filter(isPlain))
  })

  const noDaemon = whyNoDaemon()
  if (noDaemon !== undefined) console.warn(`unpacking is not compared with Docker's: ${noDaemon}`)
  describe.runIf(noDaemon === undefined)('beside Docker', () => {
    let stop = async (): Promise<void> => undefined
    beforeAll(() => {
      stop = startDaemon()
    })
    afterAll(() => stop())
    afterEach(() => void docker(['image', 'rm', '-f', 'made:1']))

    /** Topmost first. */
    function theirLayers(): readonly string[] {
      docker(['load', '-i', archive])
      const { UpperDir, LowerDir = '' } = JSON.parse(
        docker(['image', 'inspect', '-f', '{{json .GraphDriver.Data}}', 'made:1']),
      )
      return [UpperDir, ...LowerDir.split(':')]
    }

    test('is unpacked as Docker unpacks it', async () => {
      const theirs = withMerged(cwd, theirLayers(), listTree)
      expectSame(withMerged(cwd, await ourLayers(), listTree), theirs)
    })

    test('stands in layers of its own as it stands in those of Docker', async () => {
      const ours = await ourLayers()
      const theirs = theirLayers()
      expect(ours.map(listTree)).toEqual(theirs.map(listTree))
    })
  })
})
