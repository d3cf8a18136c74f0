// Images of a daemon: carried into our own store and back.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxArchive } from '../support/busybox.ts'
import { docker, dockerHost, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { mustRun, tscompose } from './support/cli.ts'

const reason = whyNoDaemon()
if (reason !== undefined) console.warn(`images of a daemon are not tested: ${reason}`)

describe.skipIf(reason !== undefined)('images of a daemon', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tscompose-docker-images-'))
  const environment = { DOCKER_HOST: dockerHost }
  let stop = async (): Promise<void> => {}
  const run = (...words: string[]) => tscompose(words, { cwd, environment })
  const ours = async (...words: string[]): Promise<string> => (await mustRun(words, { cwd, environment })).stdout
  const idOf = (image: string): string => docker(['image', 'inspect', '-f', '{{.Id}}', image]).trim()

  beforeAll(async () => {
    stop = startDaemon()
    docker(['import', '-c', 'CMD ["sh"]', '-c', 'LABEL a=b', await busyboxArchive(cwd), 'tsc-carried:1'])
  }, 200_000)
  afterAll(async () => {
    docker(['image', 'rm', '-f', 'tsc-carried:1', 'tsc-carried:back'])
    await stop()
    rmSync(cwd, { recursive: true })
  }, 60_000)

  test('are the same image in our own store, with all it says, and after the way back', async () => {
    const id = idOf('tsc-carried:1')
    expect(await ours('image', 'copy', 'docker://tsc-carried:1', 'native://')).toBe(`${id}\n`)
    const [inspected] = JSON.parse(await ours('image', 'inspect', 'tsc-carried:1'))
    expect(inspected).toMatchObject({ Id: id, Config: { Cmd: ['sh'], Labels: { a: 'b' } } })
    expect(await ours('image', 'copy', 'native://tsc-carried:1', 'docker://tsc-carried:back')).toBe(`${id}\n`)
    expect(idOf('tsc-carried:back')).toBe(id)
    expect(docker(['run', '--rm', '--network', 'none', 'tsc-carried:back', 'echo', 'works'])).toBe('works\n')
  })

  test('leave a name alone that only the other store has', async () => {
    await ours('image', 'copy', 'docker://tsc-carried:1', 'native://another:name')
    expect(await ours('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', 'another')).toBe('another:name\n')
    expect((await run('image', 'copy', 'docker://another:name', 'native://')).stderr).toContain('[image-not-found]')
  })

  test('that are not there, or not for that platform, are refused by name', async () => {
    const missing = await run('image', 'copy', 'native://no-such-image', 'docker://')
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('"no-such-image"') })
    await ours('image', 'copy', 'docker://tsc-carried:1', 'native://')
    const foreign = await run('image', 'copy', '--platform', 'linux/s390x', 'native://tsc-carried:1', 'docker://')
    expect(foreign).toMatchObject({ code: 1, stderr: expect.stringContaining('not for linux/s390x') })
  })
})
