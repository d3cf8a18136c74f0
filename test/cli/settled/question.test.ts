import { describe, expect, test } from 'vitest'
import { digestOf, outputsOf, type Question } from '../../../src/cli/settled/question.ts'

const question: Question = {
  root: '/opt/tscompose',
  cwd: '/app',
  outputs: 'ff',
  words: ['up', '-d'],
  environment: { TAG: '1', SHLVL: '1', 'A.B': 'ü' },
}

describe('the digest of a question', () => {
  // native/launcher/src/question.rs has the same question and digest.
  test('is the same in both languages', () => {
    expect(digestOf(question)).toBe('553ddb01bdad98b8de912f647d86ca6d7eaabf40a6898b19c350405a024e1f64')
  })

  test('does not change with what shells set anew, or with the order of variables', () => {
    const environment = { 'A.B': 'ü', SHLVL: '2', _: '/bin/x', OLDPWD: '/', TAG: '1' }
    expect(digestOf({ ...question, environment })).toBe(digestOf(question))
  })

  test.each<[string, Partial<Question>]>([
    ['other words', { words: ['up'] }],
    ['a word that is a variable elsewhere', { words: ['up', '-d', 'A.B=ü'], environment: { TAG: '1' } }],
    ['another directory', { cwd: '/app/below' }],
    ['another program', { root: '/opt' }],
    ['another terminal', { outputs: 'tt 80x24' }],
    ['another value', { environment: { TAG: '2', 'A.B': 'ü' } }],
    ['one variable more', { environment: { TAG: '1', 'A.B': 'ü', DEBUG: '' } }],
    ['one variable less', { environment: { TAG: '1' } }],
  ])('is another one for %s', (_, change) => {
    expect(digestOf({ ...question, ...change })).not.toBe(digestOf(question))
  })
})

test('what the outputs are is told without a terminal too', () => {
  const output = { out: () => {}, err: () => {}, outIsTerminal: true, errIsTerminal: false }
  expect(outputsOf(output)).toBe('tf')
})
