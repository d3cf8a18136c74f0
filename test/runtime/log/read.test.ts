import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LogOptions } from '../../../src/driver/driver.ts'
import type { ContainerStateRecord } from '../../../src/runtime/container/monitor-spec.ts'
import { initialState, replaceState } from '../../../src/runtime/container/state.ts'
import { readLogs } from '../../../src/runtime/log/read.ts'
import { openRuntime, type Runtime } from '../../../src/runtime/runtime.ts'
import { containerDir, type StatePaths } from '../../../src/runtime/state/paths.ts'

const containerId = 'ab'.repeat(32)
let root: string
let runtime: Runtime
let paths: StatePaths
let directory: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-log-'))
  const directories = { TSCOMPOSE_DATA_DIR: join(root, 'data'), TSCOMPOSE_RUN_DIR: join(root, 'run') }
  runtime = openRuntime({ ...process.env, ...directories }, 0)
  paths = runtime.paths
  directory = containerDir(paths, containerId)
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ version: 1, containerId }))
  setStatus('exited')
})

afterEach(() => rmSync(root, { recursive: true }))

function setStatus(status: ContainerStateRecord['status']): void {
  replaceState(paths, { ...initialState(containerId), status })
}

function line(number: number): string {
  const time = new Date(Date.UTC(2026, 10, 21, 10, 0, number)).toISOString().replace('.000Z', '.000000007Z')
  return `${JSON.stringify({ log: `line ${number}\n`, stream: 'stdout', time })}\n`
}

function write(name: string, ...numbers: readonly number[]): void {
  appendFileSync(join(directory, name), numbers.map(line).join(''))
}

async function read(
  options: Partial<LogOptions> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<string[]> {
  const texts: string[] = []
  for await (const entry of readLogs(runtime, { containerId, options: { follow: false, ...options } }, signal)) {
    texts.push(Buffer.from(entry.data).toString('utf8').trimEnd())
  }
  return texts
}

test('rotated files are read first, the oldest before all', async () => {
  write('log.json.2', 1)
  write('log.json.1', 2, 3)
  write('log.json', 4)
  expect(await read()).toEqual(['line 1', 'line 2', 'line 3', 'line 4'])
})

test('the tail reaches back into rotated files', async () => {
  write('log.json.1', 1, 2, 3)
  write('log.json', 4, 5)
  expect(await read({ tail: 3 })).toEqual(['line 3', 'line 4', 'line 5'])
  expect(await read({ tail: 2 })).toEqual(['line 4', 'line 5'])
  expect(await read({ tail: 0 })).toEqual([])
  expect(await read({ tail: 99 })).toHaveLength(5)
})

test('the tail of a log longer than one block is found', async () => {
  write('log.json', ...Array.from({ length: 3000 }, (_, index) => index))
  expect(await read({ tail: 2500 })).toEqual(Array.from({ length: 2500 }, (_, index) => `line ${index + 500}`))
})

test('entries outside of the given time are left out', async () => {
  write('log.json', 1, 2, 3, 4)
  const at = (second: number): number => Date.UTC(2026, 10, 21, 10, 0, second)
  expect(await read({ sinceMs: at(2), untilMs: at(4) })).toEqual(['line 2', 'line 3'])
})

test('a line that was cut is left out, and the others are not', async () => {
  write('log.json', 1)
  appendFileSync(join(directory, 'log.json'), '{"log":"half\n')
  write('log.json', 2)
  expect(await read()).toEqual(['line 1', 'line 2'])
})

test('the time is told to the nanosecond', async () => {
  write('log.json', 1)
  for await (const entry of readLogs(
    runtime,
    { containerId, options: { follow: false } },
    new AbortController().signal,
  )) {
    expect(entry.timeNs).toBe(1_795_255_201_000_000_007n)
  }
})

test('following goes on over rotations and ends with the container', async () => {
  setStatus('created')
  write('log.json', 1)
  const reading = read({ follow: true })
  await new Promise((resolve) => setTimeout(resolve, 30))
  write('log.json', 2)
  renameSync(join(directory, 'log.json'), join(directory, 'log.json.1'))
  write('log.json', 3)
  await new Promise((resolve) => setTimeout(resolve, 30))
  renameSync(join(directory, 'log.json.1'), join(directory, 'log.json.2'))
  renameSync(join(directory, 'log.json'), join(directory, 'log.json.1'))
  write('log.json', 4)
  setStatus('exited')
  expect(await reading).toEqual(['line 1', 'line 2', 'line 3', 'line 4'])
})

test('following a container that has not written yet waits for its first line', async () => {
  setStatus('created')
  const reading = read({ follow: true })
  await new Promise((resolve) => setTimeout(resolve, 30))
  write('log.json', 1)
  setStatus('exited')
  expect(await reading).toEqual(['line 1'])
})

test('following ends when the caller no longer wants it, and when the container is removed', async () => {
  setStatus('created')
  const stop = new AbortController()
  const unwanted = read({ follow: true }, stop.signal)
  stop.abort()
  expect(await unwanted).toEqual([])
  const removed = read({ follow: true })
  await new Promise((resolve) => setTimeout(resolve, 30))
  renameSync(directory, join(paths.containersDir, '.half'))
  expect(await removed).toEqual([])
})
