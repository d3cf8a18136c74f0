import { expect, test } from 'vitest'
import { encodeFrame, FRAME, frameReader } from '../../../src/runtime/container/frames.ts'

const bytes = Buffer.concat([
  encodeFrame(FRAME.stdout, Buffer.from('out')),
  encodeFrame(FRAME.stderr, new Uint8Array()),
  encodeFrame(FRAME.json, Buffer.from('{}')),
])
const frames = [
  { type: 1, payload: Buffer.from('out') },
  { type: 2, payload: Buffer.alloc(0) },
  { type: 3, payload: Buffer.from('{}') },
]

test('frames are cut the same wherever the stream was cut', () => {
  for (let at = 0; at <= bytes.length; at += 1) {
    const read = frameReader()
    expect([...read(bytes.subarray(0, at)), ...read(bytes.subarray(at))]).toEqual(frames)
  }
})

test('a frame begins with its type and the length of its payload', () => {
  expect([...encodeFrame(FRAME.stderr, Buffer.from('ab'))]).toEqual([2, 0, 0, 0, 0, 0, 0, 2, 97, 98])
})
