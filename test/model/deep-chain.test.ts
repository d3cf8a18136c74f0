/** Projects larger than the machine's stack is deep. */
import { expect, test } from 'vitest'
import { ComposeError } from '../../src/diagnostic.ts'
import { selectServices } from '../../src/model/select.ts'
import { loadText } from '../support/load-text.ts'

const LENGTH = 8_000

/** Services that each depend on the next. */
const chain = (last: string): string =>
  `services:\n${Array.from({ length: LENGTH }, (_, index) => `  s${index}: {image: x, depends_on: [${index + 1 < LENGTH ? `s${index + 1}` : last}]}`).join('\n')}\n  end: {image: x}\n`

test('a long chain of dependencies loads, and one of its services brings the rest along', () => {
  const project = loadText(chain('end'))
  expect(Object.keys(selectServices(project, ['s0']).services)).toHaveLength(LENGTH + 1)
  expect(Object.keys(selectServices(project, ['s7999']).services)).toEqual(['s7999', 'end'])
})

test('a long chain that closes is a circle', () => {
  const load = (): unknown => loadText(chain('s0'))
  expect(load).toThrow(ComposeError)
  expect(load).toThrow(/circle: s0 -> s1 -> .* -> s0$/)
})
