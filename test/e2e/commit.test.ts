// A container becomes an image, and its files an archive: what runs from the image sees what the container saw, and other tools read both.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

const changes = [
  'rm /bin/zcat',
  'rm -rf /root && mkdir /root && touch /root/new',
  'mkdir -p /deep/er && echo text >/deep/er/file && ln /deep/er/file /deep/hard && ln -s /nowhere /deep/link',
  'echo inside >/data/file',
  'chown 33:33 /deep/er && chmod 2750 /deep/er',
].join(' && ')

const compose = `
name: commit
services:
  web:
    image: busybox
    command: ["sh", "-c", "${changes} && touch /tmp/done; exec sleep 1000"]
    environment: { COLOUR: blue }
    labels: { mine: "yes" }
    volumes: [data:/data, ./compose.yaml:/mounted]
    healthcheck: { test: ["CMD", "test", "-e", "/tmp/done"], interval: 100ms, retries: 50 }
    stop_grace_period: 0s
volumes: { data: {} }
`

const look =
  'stat -c "%n %a %u:%g %h" /deep/er /deep/er/file; readlink /deep/link; ls /root /data; ls /bin/zcat; echo $COLOUR'

const again = `
name: again
services:
  copy: { image: "committed:1", command: ["sh", "-c", ${JSON.stringify(look.replace('$', '$$$$'))}] }
`

describe.runIf(privileged)('commit and export', () => {
  useImages('busybox')
  let cwd = ''
  let before: Awaited<ReturnType<typeof takeSnapshot>>

  beforeEach(async () => {
    before = await takeSnapshot()
    cwd = writeProject(mkdtempSync(join(tmpdir(), 'tsc-e2e-')), { 'compose.yaml': compose, 'again.yaml': again })
    await mustRun(['up', '-d', '--wait'], { cwd })
  })
  afterEach(async () => {
    await mustRun(['-f', 'again.yaml', 'down', '-v'], { cwd })
    await mustRun(['down', '-v', '-t', '0'], { cwd })
    await mustRun(['image', 'rm', '-f', 'committed:1'], { cwd })
    rmSync(cwd, { recursive: true })
    await expectNothingLeft(before)
  })

  test('an image has what the container changed, what it took away included, and how it ran', async () => {
    const said = await mustRun(['commit', '-a', 'me', '-m', 'words', '-c', 'LABEL a=b', 'web', 'committed:1'], { cwd })
    expect(said).toMatchObject({ stdout: '', stderr: expect.stringMatching(/Committed as sha256:[0-9a-f]{64}\n$/) })
    const [image] = JSON.parse((await mustRun(['image', 'inspect', 'committed:1'], { cwd })).stdout)
    expect(image).toMatchObject({ Author: 'me', Comment: 'words', Config: { Env: ['COLOUR=blue'] } })
    expect(image.Config.Labels).toMatchObject({ mine: 'yes', a: 'b' })
    expect(Object.keys(image.Config.Labels).filter((name) => /compose/.test(name))).toEqual([])
    expect(image.Config.Healthcheck.Test).toEqual(['CMD', 'test', '-e', '/tmp/done'])
    const seen = await tscompose(['-f', 'again.yaml', 'up', '--no-log-prefix'], { cwd })
    const lines = seen.stdout.split('\n').filter((line) => !/^Attaching|exited/.test(line))
    expect(lines.join('\n')).toContain('/deep/er 2750 33:33 2\n/deep/er/file 644 0:0 2\n/nowhere\n')
    expect(lines.join('\n')).toContain('/data:\n\n/root:\nnew\n')
    expect(lines.join('\n')).not.toContain('/bin/zcat\n')
    expect(lines.join('\n')).toContain('blue\n')
  })

  test('both are told as events, the first while the container is held', async () => {
    const { stderr } = await mustRun(['commit', '-m', 'words', 'web', 'committed:1'], { cwd })
    await mustRun(['export', '-o', 'web.tar', 'web'], { cwd })
    const { stdout } = await mustRun(['events', '--json', '--since', '10m', '--until', '0s', 'web'], { cwd })
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly action: string; readonly attributes: unknown })
    const told = events.map((event) => event.action).filter((action) => /^(pause|commit|unpause|export)$/.test(action))
    expect(told.slice(-4)).toEqual(['pause', 'commit', 'unpause', 'export'])
    const imageID = /sha256:[0-9a-f]{64}/.exec(stderr)?.[0]
    expect(events.findLast((event) => event.action === 'commit')?.attributes).toMatchObject({
      comment: 'words',
      imageID,
      imageRef: 'committed:1',
    })
  })

  test('an archive has the files without what is mounted, of a container that runs and of one that does not', async () => {
    const listed = async (): Promise<string> => {
      await mustRun(['export', '-o', 'files.tar', 'web'], { cwd })
      return execFileSync('tar', ['tf', 'files.tar'], { cwd, encoding: 'utf8' })
    }
    const running = await listed()
    expect(running).toContain('deep/er/file\n')
    expect(running).toContain('\ndata/\n')
    expect(running).not.toMatch(/^(data\/file|proc\/1|bin\/zcat|\.)/m)
    expect(execFileSync('tar', ['xOf', 'files.tar', 'mounted'], { cwd }).length).toBe(0)
    await mustRun(['stop'], { cwd })
    expect(await listed()).toBe(running)
  })

  test('nothing is written where it can not be, and the container goes on', async () => {
    const lost = await tscompose(['export', '-o', 'nowhere/files.tar', 'web'], { cwd })
    expect(lost).toMatchObject({ code: 1, stderr: expect.stringContaining('directory "nowhere" does not exist') })
    const wrong = await tscompose(['commit', 'web', 'UPPER'], { cwd })
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('must be lower case') })
    const unknown = await tscompose(['commit', '-c', 'FROM x', 'web', 'committed:2'], { cwd })
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('"FROM" is not an instruction') })
    expect((await mustRun(['ps', '--format', '{{.State}}'], { cwd })).stdout).toBe('running\n')
    expect((await mustRun(['image', 'ls', '-q', 'committed'], { cwd })).stdout).toBe('')
  })

  test('the images of the containers are listed', async () => {
    const { stdout } = await mustRun(['images'], { cwd })
    expect(stdout).toMatch(
      /^CONTAINER +REPOSITORY +TAG +PLATFORM +IMAGE ID +SIZE +CREATED\ncommit-web-1 +busybox +latest +linux\//,
    )
    const [row] = JSON.parse((await mustRun(['images', '--format', 'json', 'web'], { cwd })).stdout)
    expect((await mustRun(['images', '-q'], { cwd })).stdout).toBe(`${row.ID.replace('sha256:', '')}\n`)
  })
})
