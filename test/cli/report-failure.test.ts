import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/cli/argv.ts'
import { asksForJson } from '../../src/cli/asks-for-json.ts'
import { ExitStatus, Refusal } from '../../src/cli/failure.ts'
import { OutputClosed } from '../../src/cli/output.ts'
import { type FailureContext, reportFailure } from '../../src/cli/report-failure.ts'
import { tellingFor } from '../../src/cli/telling.ts'
import { ComposeError } from '../../src/diagnostic.ts'
import { DriverError } from '../../src/driver/driver.ts'
import { ApplyError } from '../../src/planner/apply-error.ts'
import type { Step } from '../../src/planner/plan.ts'
import { plainPaint } from '../../src/view/paint.ts'

const context: FailureContext = {
  paint: plainPaint,
  interrupted: false,
  telling: {},
  usage: 'Usage:  tscompose up [OPTIONS] [SERVICE...]',
  program: 'tscompose up',
  debug: false,
}
const check = (error: Error, change: Partial<FailureContext> = {}) => reportFailure(error, { ...context, ...change })
const start: Step = { kind: 'start-container', containerName: 'app-web-1', id: 1, after: [], because: { reason: 'x' } }

test.each([
  ['a status was all there was to say', new ExitStatus(7), { exitCode: 7, text: '' }],
  ['nobody reads any more', new OutputClosed('gone'), { exitCode: 0, text: '' }],
  [
    'a refusal has a hint',
    new Refusal('no service selected', 'name one'),
    { exitCode: 1, text: 'error: no service selected\n  hint: name one\n' },
  ],
  [
    'the driver refuses',
    new DriverError('port-taken', 'port 80 is taken', { hint: 'stop nginx' }),
    { exitCode: 1, text: 'error: port 80 is taken [port-taken]\n  hint: stop nginx\n' },
  ],
  [
    'a mistake in a file',
    new ComposeError([{ severity: 'error', code: 'bad-value', message: 'bad', hint: 'do better' }]),
    { exitCode: 1, text: 'error: bad [bad-value]\n  hint: do better\n' },
  ],
  [
    'a step failed',
    new ApplyError([{ step: start, error: new DriverError('kernel-lacks', 'no overlayfs') }]),
    { exitCode: 1, text: 'error: container "app-web-1": no overlayfs [kernel-lacks]\n' },
  ],
  [
    'a step failed and says on what',
    new ApplyError([{ step: start, error: new DriverError('refused', '"app-web-1" is gone') }]),
    { exitCode: 1, text: 'error: "app-web-1" is gone [refused]\n' },
  ],
] as const)('%s', (_, error, expected) => {
  expect(check(error)).toEqual(expected)
})

test('a mistake on the command line shows how to use the command', () => {
  expect(check(new UsageError('unknown flag: --x', 'did you mean --y?')).text).toContain(
    'unknown flag: --x\n  hint: did you mean --y?\n\nUsage:',
  )
  expect(check(new UsageError('unknown flag: --x')).text).toBe(
    "unknown flag: --x\n\nUsage:  tscompose up [OPTIONS] [SERVICE...]\n\nRun 'tscompose up --help' for more information\n",
  )
})

test('after an interruption nothing more is said', () => {
  expect(check(new DriverError('cancelled', 'cancelled'), { interrupted: true })).toEqual({ exitCode: 130, text: '' })
})

test('a bug has no stack trace unless it is asked for', () => {
  const bug = new TypeError('x is not a function')
  expect(check(bug).text).toMatch(
    /^error: internal error: x is not a function\n {2}hint: this is a bug in tscompose, please report it/,
  )
  expect(check(bug, { debug: true }).text).toContain('report-failure.test.ts')
})

describe('programs that read JSON', () => {
  const telling = tellingFor({ json: true, environment: { GITHUB_ACTIONS: 'true' }, cwd: '/' })
  const lines = (error: Error): readonly unknown[] =>
    check(error, { telling })
      .text.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)

  test('get what failed in the shape Docker Compose has, and more', () => {
    expect(lines(new Refusal('no', 'yes'))).toEqual([
      { error: true, severity: 'error', code: 'not-possible', message: 'no', hint: 'yes' },
    ])
    expect(lines(new DriverError('port-taken', 'port 80 is taken', { hint: 'stop nginx' }))).toEqual([
      { error: true, severity: 'error', code: 'port-taken', message: 'port 80 is taken', hint: 'stop nginx' },
    ])
    expect(lines(new UsageError('unknown flag: --x'))).toMatchObject([{ code: 'usage', message: 'unknown flag: --x' }])
    expect(lines(new TypeError('oops'))).toMatchObject([{ code: 'internal', message: 'internal error: oops' }])
  })

  test('get a line for each failed step', () => {
    const failures: ConstructorParameters<typeof ApplyError>[0] = [
      { step: start, error: new DriverError('kernel-lacks', 'no overlayfs') },
      { step: start, error: new DriverError('refused', '"app-web-1" is gone') },
    ]
    expect(lines(new ApplyError(failures))).toMatchObject([
      { code: 'kernel-lacks', message: 'container "app-web-1": no overlayfs' },
      { code: 'refused', message: '"app-web-1" is gone' },
    ])
  })
})

test('a CI system is told after the text', () => {
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: '/repo' }
  const at = { file: 'compose.yaml', line: 3, column: 5 }
  const error = new ComposeError([{ severity: 'error', code: 'bad-value', message: 'bad', hint: 'do better', at }])
  const telling = tellingFor({ json: false, environment, cwd: '/repo/deploy' })
  expect(check(error, { telling }).text.split('\n').at(-2)).toBe(
    '::error file=deploy/compose.yaml,line=3,col=5,title=bad-value::bad%0Ahint: do better',
  )
})

test.each([
  [['config', '--format', 'json', '--nope'], true],
  [['config', '--format=json'], true],
  [['--progress=json', 'up'], true],
  [['config', '--format', 'yaml', 'json'], false],
  [[], false],
])('%j asks for JSON: %j', (words, expected) => {
  expect(asksForJson(words, {})).toBe(expected)
})
