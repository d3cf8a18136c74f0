/** Small files that are large once they are written out: each is refused where it grows, with less than 300 MB of memory. */
import { describe } from 'vitest'
import { compose, fill, MB, refuses, service, times } from '../support/hostile.ts'

/** Twelve levels, each of which holds the one below nine times. */
const bomb = (level: (below: string) => string): string =>
  `x-0: &a0 ${level('lol')}\n${times(11, (at) => `x-${at + 1}: &a${at + 1} ${level(`*a${at}`)}\n`)}`
const listBomb = bomb((below) => `[${Array(9).fill(below).join(', ')}]`)
const BIG = String.raw`has more than 750000 values when its aliases are written out \[yaml-too-big\]`

describe('aliases that grow without end are refused where they do', () => {
  const mapBomb = bomb((below) => `{${times(9, (at) => `k${at}: ${below}, `)}}`)
  const merged = (count: number): string =>
    `x-a: &a {${times(10_000, (at) => `k${at}: v, `)}}\nx-b: {<<: [${fill('*a, ', count * 4)}]}\n`
  refuses([
    ['as lists', compose(listBomb + service('')), new RegExp(`^compose.yaml:7:11: error: "compose.yaml" ${BIG}`)],
    ['as mappings', compose(mapBomb + service('')), new RegExp(`^compose.yaml:6:\\d+: error: .*${BIG}`)],
    ['by merge keys', compose(merged(1000)), new RegExp(`^compose.yaml:2:\\d+: error: .*${BIG}`)],
    [
      'a large list again and again',
      compose(`x-a: &a [${fill('v, ', 60_000)}]\n${times(20_000, (at) => `x-${at}: *a\n`)}`),
      new RegExp(`^compose.yaml:38:\\d+: error: .*${BIG}`),
    ],
    [
      'a large text again and again',
      compose(`x-a: &a "${'v'.repeat(MB)}"\n${times(2000, (at) => `x-${at}: *a\n`)}`),
      /^compose.yaml:16:7: error: .* has texts of more than 16 MB when .* \[yaml-too-big\]/,
    ],
    [
      'of a profile that is not active',
      compose(`${listBomb}services: {a: {image: x}, b: {image: x, profiles: [p], x-b: *a11}}\n`),
      new RegExp(BIG),
    ],
    [
      'in an included file',
      { 'compose.yaml': 'include: [b.yaml]\n', 'b.yaml': listBomb },
      /^b.yaml:7:11: error: "b.yaml" has/,
    ],
    [
      'in the second of two files',
      { files: { 'a.yaml': service(''), 'b.yaml': listBomb }, args: ['-f', 'a.yaml', '-f', 'b.yaml', 'config'] },
      /^b.yaml:7:11: error: "b.yaml" has more/,
    ],
    [
      'that lie inside each other',
      compose(`x-0: &a0 {v: 1}\n${times(3000, (at) => `x-${at + 1}: &a${at + 1} {v: *a${at}}\n`)}`),
      /^compose.yaml:200:\d+: error: more than 200 levels of nesting \[yaml-too-deep\]/,
    ],
  ])
})

describe('a project that grows without end by other ways is refused too', () => {
  const TOO_BIG = String.raw`with everything written out this project has more than 1000000 values \[project-too-big\]`
  const levels = 40
  const includes = {
    ...Object.fromEntries(
      Array.from({ length: levels }, (_, at) => [
        `${at}.yaml`,
        `include: [${Array(9)
          .fill(`${at + 1}.yaml`)
          .join(', ')}]\n`,
      ]),
    ),
    [`${levels}.yaml`]: service(''),
  }
  refuses([
    [
      'services that extend a large one',
      compose(
        `services:\n  a: {image: x, environment: {${times(5000, (at) => `K${at}: v, `)}}}\n${times(5000, (at) => `  s${at}: {extends: a}\n`)}`,
      ),
      new RegExp(`^compose.yaml:\\d+:\\d+: error: ${TOO_BIG}`),
    ],
    [
      'services that extend each other one after the other',
      compose(`services:\n${times(5000, (at) => `  s${at}: {extends: s${at + 1}}\n`)}  s5000: {image: x}\n`),
      /error: service "s\d+" is the end of more than 100 services that extend each other \[chain-too-long\]/,
    ],
    [
      'files that include nine others each',
      { 'compose.yaml': 'include: [0.yaml]\n', ...includes },
      /\.yaml:1:\d+: error: with everything .* more than 1000 documents \[project-too-big\]/,
    ],
    [
      'files that include each other one after the other',
      {
        'compose.yaml': 'include: [0.yaml]\n',
        ...Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}.yaml`, `include: [${at + 1}.yaml]\n`])),
      },
      /^\d+.yaml:1:11: error: more than 100 files include each other one after the other \[chain-too-long\]/,
    ],
    [
      'thousands of documents in one file',
      compose(fill('---\n')),
      /^compose.yaml:1001:1: error: "compose.yaml" has more than 1000 documents \[yaml-too-big\]/,
    ],
    [
      'variables made of variables',
      { '.env': `A=${'a'.repeat(1000)}\n${fill('A=$A$A$A\n', 200)}`, 'compose.yaml': service('') },
      /^\.env:10:7: error: the text is longer than 16 MB \[invalid-interpolation\]/,
    ],
    [
      'a large variable in each of many services',
      {
        '.env': `A=${'a'.repeat(65_000)}\n`,
        'compose.yaml': `services:\n${times(5000, (at) => `  s${at}: {image: x, environment: [A]}\n`)}`,
      },
      /error: .* texts of more than 16 MB \[project-too-big\]/,
    ],
    [
      'an env file read by thousands of services',
      {
        e: times(5000, (at) => `K${at}=v\n`),
        'compose.yaml': `services:\n${times(5000, (at) => `  s${at}: {image: x, env_file: e}\n`)}`,
      },
      new RegExp(`^e:\\d+:1: error: ${TOO_BIG}`),
    ],
    [
      'a thousand ranges of all ports',
      compose(service(`    ports: [${times(1000, (at) => `"10.0.${at >> 8}.${at & 255}:1-65535:1-65535", `)}]\n`)),
      new RegExp(`^compose.yaml:4:\\d+: error: ${TOO_BIG}`),
    ],
    [
      'services that each depend on all before them',
      compose(
        `services:\n${times(2000, (at) => `  s${at}: {image: x, depends_on: [${times(at, (other) => `s${other},`)}]}\n`)}`,
      ),
      new RegExp(`error: .*(${BIG}|${TOO_BIG})`),
    ],
    [
      'a hundred thousand services',
      compose(`services:\n${times(100_000, (at) => `  s${at}: {image: x}\n`)}`),
      new RegExp(`error: ${TOO_BIG}`),
    ],
  ])
})
