// What failed, a line each: `FAILED file > test: first line of why`. They are said once more at the end, where whoever looks at a long log begins.

/** `read` gives vitest's JSON report. */
export function vitestFailures(read) {
  try {
    return read().testResults.flatMap(fileFailures)
  } catch {
    return ['FAILED vitest: it left no report']
  }
}

/** A file can fail without any test of its own. */
function fileFailures({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((one) => one.status === 'failed')
  if (failed.length === 0) return status === 'failed' ? [line(name, message)] : []
  return failed.map(({ fullName, failureMessages, duration }) =>
    line(
      `${name} > ${fullName}`,
      failureMessages[0]?.replace(noMessage, `did not end within ${Math.round(duration / 1000)} s`),
    ),
  )
}

/** What vitest reports in the place of the message of a test that took too long. */
const noMessage = /^Error: STACK_TRACE_ERROR/

/** From cargo's output: `test NAME ... FAILED`, then `---- NAME stdout ----` with the panic's words below. */
export function cargoFailures(output) {
  const names = [...output.matchAll(/^test (\S.*?) \.\.\. FAILED$/gm)].map(([, name]) => name)
  return names.map((name) => line(name, words(output.split(`---- ${name} stdout ----\n`)[1])))
}

/** From a story's `FAIL NAME: why`. */
export const storyFailures = (output) => [...output.matchAll(/^FAIL (.*)$/gm)].map(([, what]) => `FAILED ${what}`)

/** Those that another script has said. */
export const saidFailures = (output) => output.match(/^FAILED .*$/gm) ?? []

const words = (text = '') => text.trim().split('\n').slice(0, 2).join(' ')

function line(name, why = '') {
  const [first = ''] = why.trim().split('\n')
  return `FAILED ${name.replace(`${process.cwd()}/`, '')}: ${first.slice(0, 300)}`
}
