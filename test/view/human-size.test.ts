import { expect, test } from 'vitest'
import { humanSize } from '../../src/view/human-size.ts'

test.each([
  [0, '0B'],
  [999, '999B'],
  [1000, '1kB'],
  [4_263_000, '4.26MB'],
  [332_369_920, '332MB'],
  [1_500_000_000, '1.5GB'],
])('%i bytes are %s', (bytes, text) => expect(humanSize(bytes)).toBe(text))
