// How many tests passed, failed and were skipped, from what the test programs report. A program that fails without a failed test counts as one.

export function addUp(counts) {
  const sum = (key) => counts.reduce((total, one) => total + one[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/** `read` gives vitest's JSON report; there is none when vitest could not even start. */
export function countVitest(status, read) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = read()
    return failing(status, { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests })
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/** From the line that ends each of cargo's test programs. */
export function countCargo(status, output) {
  const results = [...output.matchAll(/^test result: \w+[.] (\d+) passed; (\d+) failed; (\d+) ignored;/gm)]
  return failing(
    status,
    addUp(
      results.map(([, passed, failed, skipped]) => ({
        passed: Number(passed),
        failed: Number(failed),
        skipped: Number(skipped),
      })),
    ),
  )
}

/** From the lines of test/vm/story.sh: `ok   NAME`, `FAIL NAME: why`. */
export function countStory(output) {
  const count = (pattern) => [...output.matchAll(pattern)].length
  return { passed: count(/^ok {3}/gm), failed: count(/^FAIL /gm), skipped: 0 }
}

/** The line with which a run of several kinds of tests ends; one failure when there is none. */
export function countLine(output) {
  const [, ...numbers] = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(output) ?? []
  const [passed, failed, skipped] = numbers.map(Number)
  return numbers.length === 0 ? { passed: 0, failed: 1, skipped: 0 } : { passed, failed, skipped }
}

function failing(status, counts) {
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}
