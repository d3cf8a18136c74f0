/** Files that are too large, full of the smallest things, or no files at all. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compose, fill, loads, MB, refuses, service, times } from '../support/hostile.ts'
import { measuredRun } from '../support/measured-run.ts'

const BIG = String.raw`has more than 750000 values when its aliases are written out \[yaml-too-big\]`

describe('files that are too large are not read', () => {
  const huge =
    (name: string, text = service('')) =>
    (folder: string): void => {
      writeFileSync(join(folder, 'compose.yaml'), text)
      truncateSync(mkFile(folder, name), 50 * MB)
    }
  const mkFile = (folder: string, name: string): string => {
    const path = join(folder, name)
    writeFileSync(path, name === 'compose.yaml' ? service('') : '', { flag: 'a' })
    return path
  }
  const TOO_BIG = String.raw`error: ".*" is larger than 10 MB \[file-too-big\]`
  refuses([
    ['a Compose file', huge('compose.yaml'), new RegExp(`^${TOO_BIG}`)],
    ['an env file of the project', huge('.env'), new RegExp(`^${TOO_BIG}`)],
    ['an env file of a service', huge('e', service('    env_file: e\n')), new RegExp(`^compose.yaml:4:15: ${TOO_BIG}`)],
    ['a label file', huge('e', service('    label_file: e\n')), new RegExp(`^compose.yaml:4:17: ${TOO_BIG}`)],
    ['an included file', huge('e', 'include: [e]\n'), new RegExp(`^compose.yaml:1:11: ${TOO_BIG}`)],
    [
      'standard input',
      { files: {}, args: ['-f', '-', 'config'], stdin: fill('a: a\n', 50 * MB) },
      new RegExp(`^${TOO_BIG}`),
    ],
    [
      'a device without end',
      { files: compose(service('    env_file: /dev/zero\n')) },
      new RegExp(`^compose.yaml:4:15: ${TOO_BIG}`),
    ],
  ])
})

describe('a full file of the smallest things', () => {
  refuses([
    ['of `a: a`', compose(fill('a: a\n')), /^compose.yaml:2:1: error: the key "a" .* \[duplicate-key\]/],
    ['of keys', compose(times(900_000, (at) => `a${at}: a\n`)), new RegExp(`^compose.yaml:\\d+:1: error: .*${BIG}`)],
    ['of dashes on one line', compose(fill('- ')), /^compose.yaml:1:\d+: error: more than 200 levels of nesting/],
    ['of dashes on lines', compose(`x-a:\n${fill('-\n')}`), new RegExp(BIG)],
    ['of opening brackets', compose(fill('[')), /^compose.yaml:1:\d+: error: more than 200 levels of nesting/],
    ['of braces', compose(`x-a: [${fill('{},')}]\n`), new RegExp(BIG)],
    ['of anchors', compose(`x-a: [${fill('&a ,')}]\n`), new RegExp(BIG)],
    ['of commas', compose(`x-a: [${fill(',')}]\n`), /^compose.yaml:1:7: error/],
    [
      'of question marks',
      compose(`x-a: {${fill('?,')}}\n`),
      /^compose.yaml:1:\d+: error: .*\[(non-string-key|duplicate-key)\]/,
    ],
    ['of letters', compose(fill('a')), /^compose.yaml:1:1: error: the top level of a Compose file must be a mapping/],
    [
      'of an open quote',
      compose(`${service('')}x-a: "${fill('a\n')}`),
      /^compose.yaml:4:6: error: the quote " is never closed/,
    ],
    ['of an open bracket', compose(`${service('')}x-a: [${fill('a,\n', MB)}`), /^compose.yaml:\d+:\d+: error/],
    [
      'of env file lines',
      { 'compose.yaml': service(''), '.env': times(900_000, (at) => `A${at}=b\n`) },
      /^\.env:\d+:1: error: .*\[project-too-big\]/,
    ],
    [
      'of variables in one text',
      compose(service(`    hostname: "${fill('$A')}"\n`)),
      /\ncompose.yaml:4:200016: error: the text has more than 100000 variables/,
    ],
  ])
  loads([
    ['of comments', compose(service('') + fill('#\n'))],
    ['of line ends', compose(service('') + fill('\n'))],
    ['of directives', compose(`%YAML 1.1\n---\n${service('')}${fill('# %TAG !a! b\n')}`)],
    ['of one text', compose(service(`    labels: {a: "${fill('a')}"}\n`))],
    ['of one text of many lines', compose(service(`    labels:\n      a: |\n${fill('        a\n')}`))],
    ['of escapes', compose(service(`    labels: {a: "${fill('\\n')}"}\n`))],
    ['of doubled quotes', compose(service(`    labels: {a: '${fill("''")}'}\n`))],
    ['of doubled dollars', compose(service(`    labels: {a: '${fill('$$')}'}\n`))],
    ['of spaces', compose(service(`    labels: {a: 'a${fill(' ')}b'}\n`))],
  ])
})

describe('what is no file', () => {
  const link =
    (from: string, to: string, text = service('')) =>
    (folder: string): void => {
      if (from !== 'compose.yaml') writeFileSync(join(folder, 'compose.yaml'), text)
      symlinkSync(to, join(folder, from))
    }
  const pipe =
    (name: string, text = service('')) =>
    (folder: string): void => {
      if (name !== 'compose.yaml') writeFileSync(join(folder, 'compose.yaml'), text)
      execFileSync('mkfifo', [join(folder, name)])
    }
  const NOBODY = String.raw`can't be read \(it is a pipe, and nobody writes to it\) \[unreadable-file\]`
  const CIRCLE = String.raw`can't be read \(its symbolic links lead in a circle\) \[unreadable-file\]`
  refuses([
    ['a pipe without a writer', pipe('compose.yaml'), new RegExp(`^error: "compose.yaml" ${NOBODY}`)],
    ['a pipe as .env', pipe('.env'), new RegExp(`^error: ".env" ${NOBODY}`)],
    [
      'a pipe as an env file',
      pipe('e', service('    env_file: e\n')),
      new RegExp(`^compose.yaml:4:15: error: "e" ${NOBODY}`),
    ],
    ['a link to itself', link('compose.yaml', 'compose.yaml'), new RegExp(`^error: "compose.yaml" ${CIRCLE}`)],
    ['a link to itself as .env', link('.env', '.env'), new RegExp(`^error: ".env" ${CIRCLE}`)],
    [
      'a link to itself that is included',
      link('e', 'e', 'include: [e]\n'),
      new RegExp(`^compose.yaml:1:11: error: "e" ${CIRCLE}`),
    ],
    [
      'a device without end',
      link('compose.yaml', '/dev/zero'),
      /^error: "compose.yaml" is larger than 10 MB \[file-too-big\]/,
    ],
    [
      'a directory',
      (folder) => mkdirSync(join(folder, 'compose.yaml')),
      /^error: "compose.yaml" is a directory \[not-a-file\]/,
    ],
    [
      'a directory that is included',
      { 'compose.yaml': 'include: [e]\n', 'e/x': '' },
      /^compose.yaml:1:11: error: "e" is a directory \[not-a-file\]/,
    ],
    [
      'an include of itself through a link',
      link('b.yaml', 'compose.yaml', 'include: [b.yaml]\n'),
      /^compose.yaml:1:11: error: files include each other in a circle: .*\[include-cycle\]/,
    ],
    [
      'an include of itself through a folder that leads to itself',
      link('d', '.', 'include: [d/d/compose.yaml]\n'),
      /\[include-cycle\]/,
    ],
    [
      'an include of a path with a NUL',
      compose('include: ["a\\0b"]\n'),
      /^compose.yaml:1:11: error: ".*" can't be read \(no path has a NUL in it\)/,
    ],
    [
      'an include of a path of a megabyte',
      compose(`include: ["${fill('a/', MB)}"]\n`),
      /^compose.yaml:1:11: error: .* can't be read \(the path is too long\)/,
    ],
  ])
  test('a pipe that somebody writes to is read', () => {
    const files = (folder: string): void => {
      execFileSync('mkfifo', [join(folder, 'compose.yaml')])
      execFileSync('sh', ['-c', `(sleep 0.2; printf 'services: {a: {image: x}}' > compose.yaml) > /dev/null 2>&1 &`], {
        cwd: folder,
      })
    }
    expect(measuredRun({ files, args: ['config', '--services'] })).toMatchObject({ status: 0, stdout: 'a\n' })
  })
})
