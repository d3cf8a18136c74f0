/** What can be said of builds without a daemon. */
import { describe, expect, test } from 'vitest'
import { parseDockerignore } from '../../src/driver/docker/build/dockerignore.ts'
import { createTraceReader } from '../../src/driver/docker/build/trace.ts'

describe('a path of a context', () => {
  test.each([
    ['*.log', ['a.log'], ['a.txt', 'deep/a.log']],
    ['**/*.log', ['a.log', 'deep/er/a.log'], ['a.logs']],
    ['node_modules', ['node_modules', 'node_modules/a/b'], ['deep/node_modules', 'node_modules2']],
    ['/build/', ['build', 'build/out'], ['a/build']],
    ['a?c\n[x-z].md', ['abc', 'y.md'], ['ac', 'a/c', 'w.md']],
    ['*\n!kept\n!deep/kept', ['a', 'deep/a'], ['kept', 'deep/kept', 'kept/below']],
    ['docs\n!docs/README.md\ndocs/README.md', ['docs/README.md'], []],
    ['# a comment\n\n  spaced  \n./dotted/../x', ['spaced', 'x'], ['# a comment', 'dotted']],
    ['deep/**/end', ['deep/end', 'deep/a/b/end'], ['end', 'deeper/end']],
    ['plain.txt', ['plain.txt'], ['plainxtxt']],
  ])('%j leaves out %j, and not %j', (text, out, kept) => {
    const { isIgnored } = parseDockerignore(text)
    expect(out.filter(isIgnored)).toEqual(out)
    expect(kept.filter(isIgnored)).toEqual([])
  })
})

/** Protobuf's bytes: a field of bytes, and one of a number. */
const bytes = (number: number, value: string | Buffer): Buffer => {
  const content = Buffer.from(value)
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}
const varint = (value: number): Buffer => {
  const out: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...out, left])
    out.push((left % 128) | 128)
  }
}
const integer = (number: number, value: number): Buffer => Buffer.concat([varint(number * 8), varint(value)])
const time = (seconds: number, nanos: number): Buffer => Buffer.concat([integer(1, seconds), integer(2, nanos)])
const vertex = (...parts: Buffer[]): Buffer =>
  bytes(1, Buffer.concat([bytes(1, 'sha256:a'), bytes(3, '[1/2] RUN true'), ...parts]))

describe("BuildKit's messages", () => {
  test('tell each step once, when it begins and when it ends, and what it says', () => {
    const { read } = createTraceReader()
    expect(read(vertex())).toEqual([])
    const begun = bytes(5, time(1_900_000_000, 0))
    expect(read(vertex(begun))).toEqual(['#1 [1/2] RUN true'])
    expect(read(vertex(begun))).toEqual([])
    const log = Buffer.concat([bytes(1, 'sha256:a'), integer(3, 1), bytes(4, 'one\ntwo\n')])
    expect(read(bytes(3, log))).toEqual(['#1 one', '#1 two'])
    const ended = bytes(6, time(1_900_000_001, 500_000_000))
    expect(read(vertex(begun, ended))).toEqual(['#1 DONE 1.5s'])
    expect(read(vertex(begun, ended))).toEqual([])
  })
  test('tell of what was there already, and of what failed', () => {
    const span = [bytes(5, time(1, 0)), bytes(6, time(2, 0))]
    expect(
      createTraceReader()
        .read(vertex(integer(4, 1), ...span))
        .at(-1),
    ).toBe('#1 CACHED')
    expect(
      createTraceReader()
        .read(vertex(bytes(7, 'exit code: 7'), ...span))
        .at(-1),
    ).toBe('#1 ERROR: exit code: 7')
  })
  test('that are cut off are an error', () => {
    expect(() => createTraceReader().read(vertex().subarray(0, 20))).toThrow('ends too early')
  })
})
