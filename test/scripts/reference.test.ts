// Pages of docs/reference and man are made from what the commands say of themselves.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
// @ts-expect-error: scripts have no types.
import { manPages } from '../../scripts/reference/man.mjs'
// @ts-expect-error: scripts have no types.
import { markdownPages } from '../../scripts/reference/markdown.mjs'

const flag = { name: 'env-file', char: 'e', value: 'string', text: '.env by default | a\\b' }
const command = {
  name: 'image ls',
  usage: 'image ls [OPTIONS]',
  summary: 'List images',
  text: 'List images',
  aliases: ['images-of'],
  flags: [flag],
}
const words = { commands: [command], globalFlags: [flag] }

test('a manual page has a name, a synopsis and options, and no text of it is a request', () => {
  const page: string = manPages(words, '1.2.3')['man/tscompose-image-ls.1']
  expect(page).toContain('.TH TSCOMPOSE-IMAGE-LS 1 "" "tscompose 1.2.3" "User Commands"\n')
  expect(page).toContain('.SH NAME\ntscompose-image-ls \\- List images\n')
  expect(page).toContain('.TP\n\\fB\\-e\\fR, \\fB\\-\\-env\\-file\\fR \\fIstring\\fR\n\\&.env by default | a\\eb\n')
})

test.runIf(existsSync('/usr/bin/groff'))('a manual page is set without a warning', () => {
  for (const page of Object.values(manPages(words, '1.2.3')))
    expect(
      execFileSync('sh', ['-c', 'groff -ww -man -Tutf8 2>&1 >/dev/null'], { input: String(page), encoding: 'utf8' }),
    ).toBe('')
})

test('a page of docs/reference is named after its command, and breaks no table', () => {
  const pages: Readonly<Record<string, string>> = markdownPages(words)
  expect(Object.keys(pages)).toEqual(['docs/reference/README.md', 'docs/reference/image-ls.md'])
  expect(pages['docs/reference/README.md']).toContain('| [image ls](image-ls.md) | List images |\n')
  expect(pages['docs/reference/image-ls.md']).toContain('| `-e`, `--env-file string` | .env by default \\| a\\b |\n')
})
