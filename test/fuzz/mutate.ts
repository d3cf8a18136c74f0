/** Makes a text that nobody wrote from texts that somebody did. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are tested
import { pick, type Random } from './random.ts'

/** What means something to YAML, to interpolation, to a short syntax or to the machine below. */
const WORDS = [
  ...'&a|*a|<<: *a|!reset null|!override|!!binary aGk=|---|...|%YAML 1.1|? |: |- |#|||>-|{|}|[|]|"|\'|\t|\r\n|\0|\x1b[31m'.split(
    '|',
  ),
  ...[
    '${',
    '}',
    '$A',
    '$$',
    '${A:-b}',
    '${A-}',
    '${A:?b}',
    '${A:+${B}}',
    '\uFEFF',
    '\u2028',
    '"\\uD800"',
    '😀',
    '|',
    'é',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'x-a',
    'null',
    '~',
    'true',
    'no',
    '0',
    '-1',
    '1e309',
    '.inf',
    '0x10',
    '022',
    '9'.repeat(20),
  ],
  ...[
    '1d',
    '1m30s',
    '10gb',
    '-1b',
    '80:80',
    '1-65535',
    '[::1]:80:80/udp',
    './a:/b:ro',
    'a:b:c:d',
    '/',
    '..',
    '~/a',
    'C:\\a',
    'sha256:',
  ],
  ...[
    '2024-01-01',
    '12:30:45',
    'service:a',
    'container:a',
    'host',
    'a=b',
    '=',
    'include',
    'extends',
    'services',
    'profiles',
  ],
]

type Mutation = (text: string, random: Random, other: string) => string

/** A place in the text and one a little behind it. */
function span(text: string, random: Random, longest = 40): readonly [start: number, end: number] {
  const start = random(text.length + 1)
  return [start, Math.min(text.length, start + random(longest))]
}

const onLines =
  (change: (lines: string[], random: Random) => void): Mutation =>
  (text, random) => {
    const lines = text.split('\n')
    change(lines, random)
    return lines.join('\n')
  }

const MUTATIONS: readonly Mutation[] = [
  // A piece left out, said twice, or replaced.
  (text, random) => {
    const [start, end] = span(text, random)
    return text.slice(0, start) + text.slice(end)
  },
  (text, random) => {
    const [start, end] = span(text, random)
    return text.slice(0, end) + text.slice(start)
  },
  (text, random) => {
    const [start, end] = span(text, random, 8)
    return text.slice(0, start) + pick(random, WORDS) + text.slice(end)
  },
  (text, random) => {
    const [start] = span(text, random)
    return text.slice(0, start) + pick(random, WORDS) + text.slice(start)
  },
  // A value replaced: what stands behind a colon or a dash.
  (text, random) => {
    const values = [...text.matchAll(/(?<=[:-] ).+$/gm)]
    if (values.length === 0) return text
    const { index, 0: value } = pick(random, values)
    return text.slice(0, index) + pick(random, WORDS) + text.slice(index + value.length)
  },
  // Lines left out, said twice, moved in or out, or exchanged.
  onLines((lines, random) => void lines.splice(random(lines.length), 1 + random(3))),
  onLines((lines, random) => {
    const at = random(lines.length)
    lines.splice(random(lines.length), 0, ...lines.slice(at, at + 1 + random(5)))
  }),
  onLines((lines, random) => {
    const at = random(lines.length)
    const line = lines[at] ?? ''
    lines[at] = random(2) === 0 ? `  ${line}` : line.replace(/^ {1,2}/, '')
  }),
  onLines((lines, random) => {
    const [a, b] = [random(lines.length), random(lines.length)]
    ;[lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? '']
  }),
  // Half of this and half of another.
  (text, random, other) => {
    const lines = text.split('\n')
    const others = other.split('\n')
    return [...lines.slice(0, random(lines.length + 1)), ...others.slice(random(others.length + 1))].join('\n')
  },
]

/** Longer texts are tried by the tests of hostile files. */
const LONGEST = 20_000

export function mutate(text: string, random: Random, other: string): string {
  let result = text
  for (let left = 1 + random(3); left > 0; left--) result = pick(random, MUTATIONS)(result, random, other)
  // Files are UTF-8, which has no halves of pairs.
  return result.slice(0, LONGEST).replace(/\p{Cs}/gu, '')
}
