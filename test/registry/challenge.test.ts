// The header WWW-Authenticate, as registries write it and as nobody should.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readChallenges } from '../../src/runtime/image/registry/challenge.ts'

const bearer = (realm: string, service?: string) => ({ kind: 'bearer', realm, service })
const basic = { kind: 'basic' }

describe('a challenge', () => {
  test.each([
    [undefined, []],
    ['', []],
    ['Basic realm="Registry"', [basic]],
    ['Basic', [basic]],
    ['bAsIc realm=x', [basic]],
    [
      'Bearer realm="https://auth.example/token",service="registry"',
      [bearer('https://auth.example/token', 'registry')],
    ],
    [
      'Bearer service=s, scope="repository:a/b:pull,push" ,realm="https://a.example/t?x=1, y"',
      [bearer('https://a.example/t?x=1, y', 's')],
    ],
    ['Bearer realm="a \\"quoted\\" one"', [bearer('a "quoted" one')]],
    ['Bearer service="no realm"', []],
    ['Negotiate', []],
    ['Negotiate, Basic realm="x", Bearer realm="y"', [basic, bearer('y')]],
    ['Bearer realm="never ends', []],
    ['realm="of nobody"', []],
  ])('%j', (header, expected) => {
    expect(readChallenges(header)).toEqual(expected)
  })

  test('is read in no time and without complaint, whatever it is', () => {
    const pieces = fc.constantFrom('Bearer', 'Basic', ' ', ',', '=', '"', '\\', 'realm', 'é', '\t', 'a')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (words) => Array.isArray(readChallenges(words.join('')))),
    )
    const started = performance.now()
    for (const piece of [',', ' ', '"', '\\"', 'a', 'a=', 'a="', 'a ']) readChallenges(piece.repeat(16_000))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
