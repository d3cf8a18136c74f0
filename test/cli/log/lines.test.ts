import { expect, test } from 'vitest'
import { type LogLine, linesOf, mergeByTime } from '../../../src/cli/log/lines.ts'
import type { LogEntry } from '../../../src/driver/driver.ts'

type Piece = readonly [time: number, text: string, stream?: 'stdout' | 'stderr']

async function* entries(pieces: readonly Piece[]): AsyncGenerator<LogEntry> {
  for (const [time, text, stream = 'stdout'] of pieces) {
    yield { stream, timeNs: BigInt(time), data: Buffer.from(text, 'latin1') }
  }
}

async function collect(lines: AsyncIterable<LogLine>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { name, text, timeNs } of lines) found.push(`${timeNs} ${name} ${text}`)
  return found
}

test('writes become lines with the time of their first piece', async () => {
  const pieces: Piece[] = [
    [1, 'a\nb'],
    [2, 'c'],
    [3, '\nd\n'],
    [4, 'rest'],
  ]
  expect(await collect(linesOf('web', entries(pieces)))).toEqual(['1 web a', '1 web bc', '3 web d', '4 web rest'])
})

test('the two streams are not mixed within a line', async () => {
  const pieces: Piece[] = [
    [1, 'out'],
    [2, 'err\n', 'stderr'],
    [3, '\n'],
  ]
  expect(await collect(linesOf('web', entries(pieces)))).toEqual(['2 web err', '1 web out'])
})

test('a character that is torn between two writes is whole again', async () => {
  const [first = '', second = ''] = ['\xc3', '\xa9\n']
  expect(
    await collect(
      linesOf(
        'web',
        entries([
          [1, first],
          [2, second],
        ]),
      ),
    ),
  ).toEqual(['1 web é'])
})

test('several containers are shown in order of time', async () => {
  const web = linesOf(
    'web',
    entries([
      [1, 'a\n'],
      [4, 'd\n'],
    ]),
  )
  const db = linesOf(
    'db',
    entries([
      [2, 'b\n'],
      [3, 'c\n'],
      [9, 'e\n'],
    ]),
  )
  expect(await collect(mergeByTime([web, db]))).toEqual(['1 web a', '2 db b', '3 db c', '4 web d', '9 db e'])
})
