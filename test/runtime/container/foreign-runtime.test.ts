// `runtime:`: which program is meant, and what is said where there is none.
import { expect, test } from 'vitest'
import { findRuntime, isForeign } from '../../../src/runtime/container/spec/foreign-runtime.ts'

test("Docker Engine's names for its own default mean our own sandbox", () => {
  for (const name of [undefined, '', 'runc', 'io.containerd.runc.v2', 'tscompose']) {
    expect([isForeign(name), findRuntime(name)]).toEqual([false, undefined])
  }
})

test('another one is searched for, or taken by its path', () => {
  expect(findRuntime('sh', '/nowhere:/bin')).toBe('/bin/sh')
  expect(findRuntime('/bin/sh')).toBe('/bin/sh')
})

test.each(['no-such-runtime', '/bin/no-such-runtime', '/bin', 'io.containerd.kata.v2', '../sh'])(
  '%s is refused',
  (name) => {
    expect(() => findRuntime(name, '/bin')).toThrow(`there is no OCI runtime "${name}" on this machine`)
  },
)
