/** The variables of a model, found as Docker Compose 2.40 finds them: the expectations were printed by it. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is tested
import { expect, test } from 'vitest'
import { noFindings } from '../../src/model/findings.ts'
import { variablesOf } from '../../src/model/interpolate/variables.ts'
import { parseYaml } from '../../src/model/yaml/parse.ts'

/** `NAME`, then `!` for one that is required, `-DEFAULT` or `+ALTERNATE`. */
function check(value: unknown): string {
  const [document] = parseYaml({ name: 'a', path: '/a', text: JSON.stringify(value) }, noFindings())
  if (!document) return ''
  return variablesOf(document.root)
    .map(({ name, required, fallback, alternate }) => {
      const rest = `${required ? '!' : ''}${fallback && `-${fallback}`}${alternate && `+${alternate}`}`
      return `${name}${rest}`
    })
    .join(' ')
}

test.each([
  ['$A ${B} $$C $${D} 5$', 'A B'],
  ['${A:-x} ${B-x} ${C:+x} ${D+x} ${E:?x} ${F?x}', 'A-x B-x C+x D+x E! F!'],
  ['${A:-${B:+${C?}}}', 'A-${B:+${C?}} B+${C?} C!'],
  ['${A:?${B}}', 'A!'],
  ['${} ${1}', ''],
  ['${A:-x', ''],
  // The first of a line counts, unless it has no default.
  ['${A:-x}${A:-y}', 'A-x'],
  ['${A}${A:-y}', 'A-y'],
  ['${A:-x}\n${A:-y}', 'A-y'],
  // A brace right behind an opening one is not seen, and then the last of the line is the end.
  ['${A-{}} ${B} $C', 'A-{}} ${B C'],
  ['${A:-{x}} ${B}', 'A-{x} B'],
])('in %j', (text, found) => expect(check({ a: text }).trim()).toBe(found))

test('of a list the last mention counts, of a mapping the one said most often', () => {
  expect(check(['${A:-1}', '${A:-2}', '$A'])).toBe('A')
  expect(check({ a: '${A:-1}', b: { c: '${A:-1}' }, d: '$A' })).toBe('A-1')
  expect(check({ a: '${A:-1}', b: '${A:-2}' })).toBe('A-2')
})

test('keys are no place for variables', () => expect(check({ $A: 'x' })).toBe(''))

test.each([
  ['without an end', '${A:-'.repeat(200_000)],
  ['in one line', '${A:-x}'.repeat(200_000)],
  ['inside each other', '${A:-'.repeat(100_000) + '}'.repeat(100_000)],
  ['after one that takes the whole line', `\${A:-{}${'$B'.repeat(300_000)}}`],
])('very many references %s take no long time', (_, text) => {
  const start = performance.now()
  check({ a: text })
  expect(performance.now() - start).toBeLessThan(2000)
})
