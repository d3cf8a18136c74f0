// The CLI killed at any system call that changes something: the next `up` converges, and `down` leaves nothing. And a monitor that removes.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CrashPoint, crashPointsOf, killAt, strikeAt } from '../support/crash-points.ts'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { asManyAtThisPace } from '../support/pace.ts'
import { chooseSome, isSoak, soakSeed } from '../support/soak.ts'
import { eventually, mustRun, stateEnvironment, writeProject } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: crash
services:
  base:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    scale: 2
    volumes: ["data:/data"]
  web:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    depends_on: [base]
    volumes: ["/anonymous"]
    ports: ["127.0.0.1::80"]
volumes: { data: {} }
`

/** A replica that is made anew gets the next number, as Docker Compose counts. */
const WHOLE = ['base', 'base', 'web']

interface Scenario {
  readonly title: string
  /** What is there before the command that is killed. */
  readonly before: readonly (readonly string[])[]
  readonly args: readonly string[]
  /** How many points of it are tried in a short run. */
  readonly count: number
}

const scenarios: readonly Scenario[] = [
  { title: 'up', before: [], args: ['up', '-d'], count: 10 },
  { title: 'down', before: [['up', '-d']], args: ['down', '-v', '-t', '0'], count: 8 },
  { title: 'up --scale', before: [['up', '-d']], args: ['up', '-d', '--scale', 'base=3'], count: 3 },
  { title: 'up --force-recreate', before: [['up', '-d']], args: ['up', '-d', '--force-recreate'], count: 3 },
]

describe.runIf(privileged)('a command that is killed at a system call', { timeout: 3_600_000 }, () => {
  useImages('busybox')
  let cwd = ''
  let before: Awaited<ReturnType<typeof takeSnapshot>>
  // Other projects may have kept their volumes.
  let filesBefore: readonly string[]

  beforeEach(async () => {
    before = await takeSnapshot()
    filesBefore = stateFiles()
    cwd = writeProject(mkdtempSync(join(tmpdir(), 'tsc-crash-')), { 'compose.yaml': compose })
  })
  afterEach(async () => {
    await mustRun(['down', '-v', '-t', '0'], { cwd })
    rmSync(cwd, { recursive: true })
    await expectNothingLeft(before)
  })

  test.each(scenarios)(
    '$title: the next up converges, and down leaves nothing',
    async ({ before: first, args, count }) => {
      for (const command of first) await mustRun(command, { cwd })
      const all = await crashPointsOf(args, cwd)
      await mustRun(['down', '-v', '-t', '0'], { cwd })
      const points = isSoak ? all : chooseSome(all, asManyAtThisPace(count), soakSeed)
      for (const [index, point] of points.entries()) await crash({ first, args, point }, index % 2 === 0)
      console.info(`${args.join(' ')}: killed at ${points.length} of ${all.length} calls (seed ${soakSeed})`)
    },
  )

  async function crash(
    { first, args, point }: { first: Scenario['before']; args: Scenario['args']; point: CrashPoint },
    bringUp: boolean,
  ): Promise<void> {
    const where = `${args.join(' ')} killed at ${point.call} ${point.number}`
    for (const command of first) await mustRun(command, { cwd })
    await killAt(point, args, cwd)
    if (bringUp) {
      await mustRun(['up', '-d'], { cwd })
      expect(await services(['ps', '--status', 'running']), where).toEqual(WHOLE)
      expect(await services(['ps', '-a']), where).toEqual(WHOLE)
    }
    await mustRun(['down', '-v', '-t', '0'], { cwd })
    await expectNothingLeft(before, where)
    expect(stateFiles(), where).toEqual(filesBefore)
  }

  async function services(args: readonly string[]): Promise<readonly string[]> {
    const { stdout } = await mustRun([...args, '--format', '{{.Service}}'], { cwd })
    return stdout.split('\n').filter(Boolean).sort()
  }
})

describe.runIf(privileged)('a monitor that is killed while it takes its container away', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose }, (here) => mustRun(['down', '-v', '-t', '0'], here))

  // The first name that it changes is that of the state.
  test.each([
    { call: 'rename', number: 2, at: 'before that is hidden', halves: 0 },
    { call: 'rename', number: 3, at: 'before its volume is hidden', halves: 1 },
    { call: 'unlinkat', number: 1, at: 'before the first file goes', halves: 2 },
    { call: 'unlinkat', number: 10, at: 'in the middle of its files', halves: 1 },
  ])('$at leaves nothing that is seen, and nothing at all after the next command', async ({ call, number, halves }) => {
    const filesBefore = stateFiles()
    const { stdout } = await mustRun(['run', '-d', '--rm', '--no-deps', 'web', 'sleep', '1000'], here)
    const { pid, monitor } = stateOf(stdout.trim())
    const { ended } = await strikeAt({ call, number }, monitor.pid)
    process.kill(pid, 'SIGKILL')
    await ended
    expect((await mustRun(['ps', '-a', '-q'], here)).stdout).toBe('')
    // What is whole still, its keeper takes away.
    await eventually('the keeper', async () => (stateFiles().filter(isHalf).length === halves ? true : undefined))
    await mustRun(['down', '-v', '-t', '0'], here)
    expect(stateFiles()).toEqual(filesBefore)
  })
})

const isHalf = (path: string): boolean => basename(path).startsWith('.half-')

interface Watched {
  readonly pid: number
  readonly monitor: { readonly pid: number }
}

function stateOf(containerId: string): Watched {
  const path = join(stateEnvironment().TSCOMPOSE_DATA_DIR ?? '', 'containers', containerId, 'state.json')
  return JSON.parse(readFileSync(path, 'utf8')) as Watched
}

/** Whatever speaks of a container, a network or a volume. */
function stateFiles(): readonly string[] {
  const { TSCOMPOSE_DATA_DIR: data = '', TSCOMPOSE_RUN_DIR: run = '' } = stateEnvironment()
  const folders = ['containers', 'networks', 'volumes', 'names/containers', 'names/networks'].map((name) =>
    join(data, name),
  )
  return [...folders, join(run, 'monitors')].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
  )
}
