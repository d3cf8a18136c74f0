/** Every form of a variable in text. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is tested
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { substitute, TemplateError } from '../../src/model/interpolate/template.ts'

const VARIABLES = new Map([
  ['A', 'a'],
  ['EMPTY', ''],
  ['_under_9', 'u'],
])

function result(template: string): string {
  const unset: string[] = []
  try {
    const value = substitute(template, { value: (name) => VARIABLES.get(name), unset: (name) => unset.push(name) })
    return unset.length === 0 ? value : `${value} (unset: ${unset.join(', ')})`
  } catch (error) {
    if (error instanceof TemplateError) return `${error.kind} at ${error.offset}: ${error.message}`
    throw error
  }
}

test.each([
  ['$A ${A}', 'a a'],
  ['$A9', ' (unset: A9)'],
  ['$_under_9-${_under_9}', 'u-u'],
  ['${NONE:-d} ${NONE-d}', 'd d'],
  ['${EMPTY:-d} ${EMPTY-d}', 'd '],
  ['${A:+s} ${A+s} ${EMPTY:+s} ${EMPTY+s} ${NONE+s}', 's s  s '],
  ['${NONE:-${EMPTY:-${A}}}', 'a'],
  ['${NONE:-{"a":{}}}b', '{"a":{}}b'],
  ['${NONE:-$$A}', '$A'],
  ['${NONE:-{}} b', '{} b'],
  ['${NONE:-{}} ${A}', 'invalid at 12: "${A" is not a valid reference to a variable'],
  ['${NONE:-$${A}', '${A'],
  ['$$A $${A} $$$A', '$A ${A} $a'],
  ['5$ $5 $', '5$ $5 $'],
  ['${NONE}', ' (unset: NONE)'],
  ['${A:?must be set}', 'a'],
  ['${NONE?must be $A}', 'required at 0: must be a'],
  ['x ${EMPTY:?}', 'required at 2: '],
  ['ab ${}', 'invalid at 3: "${}" is not a valid reference to a variable'],
  ['${A', 'invalid at 0: "${A" is not a valid reference to a variable'],
  ['${A!x}', 'invalid at 0: "${A!x}" is not a valid reference to a variable'],
  ['${NONE:-${9}}', 'invalid at 8: "${9}" is not a valid reference to a variable'],
  ['${NONE:-a\nb}', 'invalid at 0: "${NONE:-a" is not a valid reference to a variable'],
])('%s becomes %s', (template, expected) => {
  expect(result(template)).toBe(expected)
})

test('text without a dollar sign is what it was', () => {
  const text = fc.string().filter((one) => !one.includes('$'))
  fc.assert(
    fc.property(text, (one) => {
      expect(result(one)).toBe(one)
    }),
  )
})

test('doubled dollar signs make any text stay', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(result(text.replaceAll('$', '$$$$'))).toBe(text)
    }),
  )
})

test('no text makes the scanner slow or lost', () => {
  const pieces = fc.constantFrom('${', '}', '$', 'A', ':-', '?', '{', '$$', '\n', '-')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      expect(typeof result(parts.join(''))).toBe('string')
    }),
  )
  expect(result('${A:-'.repeat(10_000))).toMatch(/^invalid/)
  expect(result('${NONE:-'.repeat(40) + '}'.repeat(40))).toMatch(/nested more than 32 levels/)
})
