import { expect, test } from 'vitest'
// @ts-expect-error scripts are plain JavaScript
import { cargoFailures, saidFailures, storyFailures, vitestFailures } from '../../scripts/test-failures.mjs'

test('a failed test, and a file that failed as a whole, are named with the first line of why', () => {
  const report = {
    testResults: [
      {
        name: `${process.cwd()}/test/a.test.ts`,
        status: 'failed',
        message: '',
        assertionResults: [
          { status: 'passed', fullName: 'one', failureMessages: [] },
          { status: 'failed', fullName: 'two', failureMessages: ['Error: no\n    at somewhere'] },
          { status: 'failed', fullName: 'three', failureMessages: ['Error: STACK_TRACE_ERROR\n'], duration: 120_007 },
        ],
      },
      { name: '/b.test.ts', status: 'failed', message: 'cannot be read\n', assertionResults: [] },
      { name: '/c.test.ts', status: 'passed', message: '', assertionResults: [] },
    ],
  }
  expect(vitestFailures(() => report)).toEqual([
    'FAILED test/a.test.ts > two: Error: no',
    'FAILED test/a.test.ts > three: did not end within 120 s',
    'FAILED /b.test.ts: cannot be read',
  ])
  expect(
    vitestFailures(() => {
      throw new Error('no report')
    }),
  ).toEqual(['FAILED vitest: it left no report'])
})

test('a failed test of cargo’s is named with its panic', () => {
  const output = `
test net::works ... ok
test net::fails ... FAILED

failures:

---- net::fails stdout ----

thread 'net::fails' panicked at src/net.rs:3:5:
assertion failed
`
  expect(cargoFailures(output)).toEqual([
    "FAILED net::fails: thread 'net::fails' panicked at src/net.rs:3:5: assertion failed",
  ])
})

test('what a story or another script says of failures is passed on', () => {
  expect(storyFailures('ok   one\nFAIL two: expected 1\n')).toEqual(['FAILED two: expected 1'])
  expect(saidFailures('noise\nFAILED two: expected 1\n1 passed, 1 failed, 0 skipped\n')).toEqual([
    'FAILED two: expected 1',
  ])
  expect(saidFailures('1 passed, 0 failed, 0 skipped\n')).toEqual([])
})
