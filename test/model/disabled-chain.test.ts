// A dependency whose profile is not active is told with everybody who needs it.
import { expect, test } from 'vitest'
import type { ComposeError } from '../../src/diagnostic.ts'
import { loadText } from '../support/load-text.ts'

function hintOf(services: string): string | undefined {
  try {
    loadText(`name: app\nservices:\n${services}`)
    return undefined
  } catch (error) {
    return (error as ComposeError).diagnostics[0]?.hint
  }
}

const off = '  c: { image: busybox, profiles: [data] }\n'

test('the profile is named, and the way to it from the first service', () => {
  expect(hintOf(`  b: { image: busybox, depends_on: [c] }\n${off}`)).toBe('add --profile data')
  const chain = '  a: { image: busybox, depends_on: [b] }\n  b: { image: busybox, depends_on: [c] }\n'
  expect(hintOf(`${chain}${off}`)).toBe('add --profile data: a -> b -> c')
})
