import { expect, test } from 'vitest'
import { parseCopy } from '../../src/cli/image-place.ts'

test('an image is copied from one store into the other, under the same name or another', () => {
  const from = { store: 'docker', reference: 'busybox:1' }
  expect(parseCopy(['docker://busybox:1', 'native://'])).toEqual({
    from,
    to: { store: 'native', reference: 'busybox:1' },
  })
  expect(parseCopy(['docker://busybox:1', 'native://box'])).toEqual({ from, to: { store: 'native', reference: 'box' } })
})

test.each([
  [['busybox', 'native://busybox'], 'does not say which store is meant'],
  [['docker://', 'native://busybox'], 'names no image'],
  [['native://a', 'native://b'], 'are in the same store'],
] as const)('%s are refused', (words, why) => expect(() => parseCopy(words)).toThrow(why))
