// Images of a daemon: carried into our own store and back, and built.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxArchive } from '../support/busybox.ts'
import { docker, dockerHost, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'

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

  describe('that services are built into', () => {
    const folder = join(cwd, 'built')
    const environment = { DOCKER_HOST: dockerHost, TSCOMPOSE_DRIVER: 'docker' }
    const built = (...words: string[]) => tscompose(words, { cwd: folder, environment })
    const mustBuild = (...words: string[]) => mustRun(words, { cwd: folder, environment })
    beforeAll(() => {
      writeProject(folder, {
        'compose.yaml': `
name: tsc-built
services:
  web:
    build: { context: app, target: last, args: { WHO: world }, labels: { colour: red }, tags: ["tsc-built-extra:1"] }
    stop_grace_period: 0s
  job:
    profiles: [job]
    build: { context: ., dockerfile_inline: "FROM tsc-carried:1\\nRUN echo inline > /said\\nCMD cat /said" }
  broken:
    profiles: [broken]
    build: { context: app, dockerfile: ../Broken }
  secret:
    profiles: [secret]
    build: { context: app, secrets: [key] }
secrets: { key: { environment: HOME } }
`,
        Broken: 'FROM tsc-carried:1\nRUN echo complaint >&2; exit 7\n',
        'app/Dockerfile': `FROM tsc-carried:1 AS first
ARG WHO
RUN --mount=type=cache,target=/cache echo hello $WHO > /said
FROM first AS last
COPY . /files
CMD ["sh", "-c", "cat /said; cd /files; find . -type f | sort; exec sleep 1000"]
FROM first AS further
RUN exit 1
`,
        'app/.dockerignore': '**/*.log\n!kept.log\nsecret\n',
        'app/a.txt': 'one',
        'app/dropped.log': '',
        'app/kept.log': '',
        'app/deep/dropped.log': '',
        'app/secret/key': '',
      })
    })
    afterAll(async () => {
      await built('down', '-t', '0')
      docker(['image', 'rm', '-f', 'tsc-built-web', 'tsc-built-extra:1', 'tsc-built-job'])
    }, 60_000)

    test('are built when they are missing, with arguments, target, labels and tags, without what is ignored', async () => {
      const { stderr } = await mustBuild('up', '-d')
      expect(stderr).toMatch(/^web #\d+ .*RUN --mount=type=cache/m)
      expect(stderr).toContain('Image tsc-built-web  Built')
      expect((await mustBuild('logs', '--no-log-prefix', 'web')).stdout).toBe(
        'hello world\n./.dockerignore\n./Dockerfile\n./a.txt\n./kept.log\n',
      )
      expect(idOf('tsc-built-extra:1')).toBe(idOf('tsc-built-web'))
      expect(JSON.parse(docker(['image', 'inspect', '-f', '{{json .Config.Labels}}', 'tsc-built-web']))).toEqual({
        a: 'b',
        colour: 'red',
        'com.docker.compose.project': 'tsc-built',
        'com.docker.compose.service': 'web',
      })
    })

    test('are built anew with "--build", and their containers made anew only where that changed something', async () => {
      const container = () => docker(['ps', '-q', '--filter', 'label=com.docker.compose.project=tsc-built'])
      await mustBuild('up', '-d')
      const before = container()
      await mustBuild('up', '-d', '--build')
      expect(container()).toBe(before)
      writeProject(folder, { 'app/a.txt': 'two' })
      await mustBuild('up', '-d')
      expect(container()).toBe(before)
      await mustBuild('up', '-d', '--build')
      expect(container()).not.toBe(before)
    })

    test('of a file within the project, for one run', async () => {
      expect((await mustBuild('run', '--rm', '--build', '-T', 'job')).stdout).toBe('inline\n')
    })

    test('say what went wrong, with the last words of the program', async () => {
      const { code, stderr } = await built('build', 'broken')
      expect(code).toBe(1)
      expect(stderr).toContain('image "tsc-built-broken" can\'t be built')
      expect(stderr).toContain('exit code: 7')
      expect(stderr).toContain('complaint')
    })

    test('that need more than the way to the builder has are refused by name, before anything is done', async () => {
      const { code, stderr } = await built('up', '-d', 'secret')
      expect(code).toBe(1)
      expect(stderr).toContain('"secrets" of the build of service "secret" is not supported')
      expect(stderr).toContain('[unsupported]')
    })
  })
})
