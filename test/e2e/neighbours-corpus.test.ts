// The collection's projects on one daemon: what Docker Compose brings up we leave as it is and can handle, and the other way round.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxArchive } from '../support/busybox.ts'
import { docker, dockerHost, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { type NeighbouringProject, neighbouringProjects } from '../support/neighbouring-projects.ts'
import { mustRun, repository } from './support/cli.ts'

const collection = join(process.env.TSCOMPOSE_CORPUS ?? join(repository, '..', 'shared', 'corpus'), 'cases.tar.gz')
const compose = join(process.env.TSCOMPOSE_PEERS || '/opt/peers', 'bin', 'docker-compose')
const reason = whyNoDaemon() ?? (existsSync(collection) ? undefined : `the collection is not at ${collection}`)
if (reason !== undefined) console.warn(`the collection's projects are not tested on a daemon: ${reason}`)

/** Forty were promised. With TSCOMPOSE_NEIGHBOURS=all every project that can be brought up is, which takes the better part of an hour. */
const isWhole = process.env.TSCOMPOSE_NEIGHBOURS === 'all'
const WANTED = isWhole ? Number.POSITIVE_INFINITY : 42
/** Some of those that are tried Docker Compose itself can't bring up. */
const TRIED = isWhole ? Number.POSITIVE_INFINITY : 80
const IMAGE = 'busybox-neighbours'

/** The names of the tests come from there: it is made before any of them begins. */
const cases = reason === undefined ? mkdtempSync(join(tmpdir(), 'tscompose-neighbours-')) : ''
const projects = reason === undefined ? unpacked() : []

function unpacked(): readonly NeighbouringProject[] {
  execFileSync('tar', ['-xzf', collection, '-C', cases])
  return neighbouringProjects(join(cases, 'cases'), IMAGE).slice(0, TRIED)
}

describe.skipIf(reason !== undefined)('projects of the collection on one daemon', () => {
  let stop = async (): Promise<void> => {}
  const done: string[] = []

  beforeAll(async () => {
    stop = startDaemon()
    docker(['import', '-c', 'CMD ["sh"]', await busyboxArchive(cases), IMAGE])
  }, 200_000)
  afterAll(async () => {
    docker(['image', 'rm', '-f', IMAGE])
    await stop()
    rmSync(cases, { recursive: true })
  }, 60_000)

  test.for(projects.map((one) => [one.id, one] as const))('%s', async ([, project], context) => {
    if (done.length >= WANTED) return context.skip('enough were tried')
    const hands = handsOn(project)
    try {
      const refused = await hands.theirs('up', '-d').then(() => undefined, messageOf)
      if (refused !== undefined) return context.skip(`Docker Compose can't bring it up: ${refused}`)
      await handleTheirs(project, hands)
      await handOver(project, hands)
      done.push(project.id)
    } finally {
      await hands.theirs('down', '-v', '-t', '0', '--remove-orphans').catch(() => {})
      expect(hands.containers()).toEqual([])
    }
  })

  test('are forty at least', () => expect(done.length).toBeGreaterThanOrEqual(40))
})

type Hand = (...words: string[]) => Promise<string>

interface Hands {
  readonly ours: Hand
  readonly theirs: Hand
  /** Every container of the project, by id. */
  readonly containers: (...filters: string[]) => readonly string[]
}

function handsOn({ folder, model }: NeighbouringProject): Hands {
  const file = join(folder, 'neighbours.json')
  writeFileSync(file, JSON.stringify(model))
  const environment = { DOCKER_HOST: dockerHost, TSCOMPOSE_DRIVER: 'docker' }
  const env = { ...process.env, DOCKER_HOST: dockerHost }
  const words = ['-f', file]
  const label = `label=com.docker.compose.project=${model.name}`
  return {
    ours: async (...more) => (await mustRun([...words, ...more], { cwd: folder, environment })).stdout,
    theirs: async (...more) => (await promisify(execFile)(compose, [...words, ...more], { cwd: folder, env })).stdout,
    containers: (...filters) => idsIn(docker(['ps', '-aq', '--no-trunc', '--filter', label, ...filters])),
  }
}

async function handleTheirs({ model }: NeighbouringProject, { ours, containers }: Hands): Promise<void> {
  const before = containers()
  await ours('up', '-d')
  expect(containers(), '"tscompose up -d" made something anew').toEqual(before)
  expect(idsIn(await ours('ps', '-aq', '--no-trunc'))).toEqual(before)
  const waiting = Object.keys(model.services).find((name) => String(model.services[name]?.command).startsWith('sh'))
  if (waiting !== undefined) {
    expect(await ours('logs', '--no-log-prefix', waiting)).toContain('hello')
    expect(await ours('exec', '-T', waiting, 'echo', 'here')).toBe('here\n')
  }
  await ours('stop', '-t', '0')
  expect(containers('--filter', 'status=running')).toEqual([])
  await ours('down', '-v', '-t', '0')
  expect(containers()).toEqual([])
}

async function handOver(_: NeighbouringProject, { ours, theirs, containers }: Hands): Promise<void> {
  await ours('up', '-d')
  const before = containers()
  await theirs('up', '-d')
  expect(containers(), '"docker-compose up -d" made something anew').toEqual(before)
  expect(idsIn(await theirs('ps', '-aq', '--no-trunc'))).toEqual(before)
  await theirs('down', '-v', '-t', '0')
  expect(await ours('ps', '-aq')).toBe('')
}

function idsIn(text: string): readonly string[] {
  return text.split('\n').filter(Boolean).sort()
}

function messageOf(error: unknown): string {
  const { stderr = '' } = error as { readonly stderr?: string }
  return stderr.trim().split('\n').at(-1) ?? String(error)
}
