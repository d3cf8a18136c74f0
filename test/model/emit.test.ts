/** Texts that are hard to see are printed so that they are read back as they were. */
import { expect, test } from 'vitest'
import { renderYaml } from '../../src/model/render.ts'
import { loadText } from '../support/load-text.ts'

const escaped = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
const labelled = (text: string): string => `services: {a: {image: x, labels: {k: ${escaped(text)}}}}\n`
const printed = (text: string): string => /^ *k: (.*)$/m.exec(renderYaml(loadText(labelled(text))))?.[1] ?? ''

test.each([
  ['a line separator', 'a\u2028b', '"a\\Lb"'],
  ['a paragraph separator', '/\u2029data', '"/\\Pdata"'],
  ['a next line', 'a\u0085', '"a\\N"'],
  ['a line separator beside a line end', 'a\u2028b\nc', '"a\\Lb\\nc"'],
])('%s', (_name, text, expected) => {
  expect(printed(text)).toBe(expected)
  expect(loadText(renderYaml(loadText(labelled(text)))).services.a?.labels).toEqual({ k: text })
})
