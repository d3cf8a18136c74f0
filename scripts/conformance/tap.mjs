// The Test Anything Protocol as conformance programs speak it: what was checked, and how it came out. Pure.

/** Every check of a program's output; a name that comes more than once is told apart by its place among its likes. */
export function readChecks(program, output) {
  const seen = new Map()
  return output.split('\n').flatMap((line) => {
    const found = /^(not )?ok\b(?: \d+)?(?: -)? ?(.*)$/.exec(line)
    if (found === null) return []
    const [name = '', directive] = (found[2] ?? '').trim().split(/(?:^| )# ?(?=SKIP|skip)/)
    const place = (seen.get(name) ?? 0) + 1
    seen.set(name, place)
    const outcome = found[1] !== undefined ? 'failed' : directive !== undefined ? 'skipped' : 'passed'
    return [{ key: `${program}: ${name}${place > 1 ? ` (${place})` : ''}`, outcome }]
  })
}

/** How many of each outcome. */
export function count(checks) {
  const of = (outcome) => checks.filter((check) => check.outcome === outcome).length
  return { passed: of('passed'), skipped: of('skipped'), failed: of('failed') }
}

/** What the reference passes and the subject fails or never comes to. */
export function behind(reference, subject) {
  const outcomes = new Map(subject.map((check) => [check.key, check.outcome]))
  return reference
    .filter((check) => check.outcome === 'passed')
    .map((check) => ({ key: check.key, outcome: outcomes.get(check.key) ?? 'missing' }))
    .filter((check) => check.outcome === 'failed' || check.outcome === 'missing')
}
