import { expect, test } from 'vitest'
// @ts-expect-error scripts are plain JavaScript
import { addUp, countCargo, countLine, countStory, countVitest } from '../../scripts/test-counts.mjs'

const cargo = `
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
`

test('the results of all of cargo’s test programs are added up', () => {
  expect(countCargo(101, cargo)).toEqual({ passed: 15, failed: 2, skipped: 1 })
})

test('a program that fails without a failed test is a failure', () => {
  expect(countCargo(101, 'error: could not compile')).toEqual({ passed: 0, failed: 1, skipped: 0 })
  const report = { numPassedTests: 4, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 }
  expect(countVitest(1, () => report)).toEqual({ passed: 4, failed: 1, skipped: 2 })
  expect(countVitest(0, () => report)).toEqual({ passed: 4, failed: 0, skipped: 2 })
  expect(
    countVitest(1, () => {
      throw new Error('no report')
    }),
  ).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('a story told line by line is counted by its lines', () => {
  expect(countStory("ok   one\nFAIL two: expected 'a', found 'b'\nok   three\n")).toEqual({
    passed: 2,
    failed: 1,
    skipped: 0,
  })
})

test('a run that ends with a line of counts is taken at its word, and one without has failed', () => {
  expect(countLine('much else\n8 passed, 1 failed, 2 skipped\n')).toEqual({ passed: 8, failed: 1, skipped: 2 })
  expect(countLine('it broke off\n')).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('counts add up', () => {
  expect(
    addUp([
      { passed: 1, failed: 2, skipped: 3 },
      { passed: 10, failed: 0, skipped: 0 },
    ]),
  ).toEqual({ passed: 11, failed: 2, skipped: 3 })
})
