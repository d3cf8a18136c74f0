import { expect, test } from 'vitest'
// @ts-expect-error scripts are plain JavaScript
import { behind, count, readChecks } from '../../scripts/conformance/tap.mjs'

const reference = readChecks(
  'create',
  'TAP version 13\nok 1 - made\nok 2 - made\nnot ok 3 - kept\nok 4 # SKIP no such host\n1..4\n',
)

test('checks are told apart by their names, and by their place where a name comes again', () => {
  expect(reference.map((check: { readonly key: string }) => check.key)).toEqual([
    'create: made',
    'create: made (2)',
    'create: kept',
    'create: ',
  ])
  expect(count(readChecks('x', 'ok 1 - a\nok 2 - b # SKIP why\nnot ok 3 - c\n'))).toEqual({
    passed: 1,
    skipped: 1,
    failed: 1,
  })
})

test('what the reference passes and a runtime fails or never comes to is named', () => {
  const subject = readChecks('create', 'ok 1 - made\nnot ok 2 - made\n')
  expect(behind(reference, subject)).toContainEqual({ key: 'create: made (2)', outcome: 'failed' })
  expect(behind(readChecks('start', 'ok 1 - runs\n'), subject)).toEqual([{ key: 'start: runs', outcome: 'missing' }])
  expect(behind(reference, reference)).toEqual([])
})
