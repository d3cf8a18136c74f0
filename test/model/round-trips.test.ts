/** A short form means what its long form means, and a text with variables means what is written out by hand. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are tested
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { substitute, TemplateError } from '../../src/model/interpolate/template.ts'
import { renderJson } from '../../src/model/render.ts'
import { loadText } from '../support/load-text.ts'

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
const port = fc.integer({ min: 1, max: 65_535 })

type Pair = readonly [short: unknown, long: unknown]

/** An attribute in both forms. */
const forms: Readonly<Record<string, fc.Arbitrary<Pair>>> = {
  ports: fc
    .record({ ip: fc.ipV4(), published: port, target: port, protocol: fc.constantFrom('tcp', 'udp', 'sctp') })
    .map(
      ({ ip, published, target, protocol }): Pair => [
        [`${ip}:${published}:${target}/${protocol}`],
        [{ host_ip: ip, published: String(published), target, protocol, mode: 'ingress' }],
      ],
    ),
  'a range of ports': fc.tuple(port, fc.integer({ min: 0, max: 5 })).map(([first, more]): Pair => {
    const start = Math.min(first, 65_535 - more)
    // Docker Compose sorts them as texts.
    const all = Array.from({ length: more + 1 }, (_, at) => String(start + at)).sort()
    return [
      { ports: [`${start}-${start + more}:${start}-${start + more}`] },
      { ports: all.map((one) => ({ published: one, target: Number(one), protocol: 'tcp', mode: 'ingress' })) },
    ]
  }),
  volumes: fc
    .tuple(path, path, fc.boolean())
    .map(
      ([source, target, readOnly]): Pair => [
        [`${source}:${target}${readOnly ? ':ro' : ''}`],
        [{ type: 'bind', source, target, bind: { create_host_path: true }, ...(readOnly && { read_only: true }) }],
      ],
    ),
  // Docker Compose gives the shortest of all, "/a", no "volume".
  'a volume without a name': path
    .filter((target) => target.length > 2)
    .map((target): Pair => [{ volumes: [target] }, { volumes: [{ type: 'volume', target, volume: {} }] }]),
  devices: fc
    .tuple(path, path, fc.constantFrom('r', 'rw', 'rwm', 'm'))
    .map(
      ([source, target, permissions]): Pair => [
        [`${source}:${target}:${permissions}`],
        [{ source, target, permissions }],
      ],
    ),
  environment: fc
    .dictionary(word, word)
    .map((pairs): Pair => [Object.entries(pairs).map((pair) => pair.join('=')), pairs]),
  labels: fc.dictionary(word, word).map((pairs): Pair => [Object.entries(pairs).map((pair) => pair.join('=')), pairs]),
  build: path.map((context): Pair => [context, { context }]),
  tmpfs: path.map((one): Pair => [one, [one]]),
  dns: fc.ipV4().map((one): Pair => [one, [one]]),
  'healthcheck.test': word.map(
    (line): Pair => [{ healthcheck: { test: line } }, { healthcheck: { test: ['CMD-SHELL', line] } }],
  ),
  command: fc
    .array(fc.stringMatching(/^[ -~]{0,8}$/))
    .map(
      (words): Pair => [
        words.map((one) => `'${one.replaceAll("'", `'\\''`)}'`.replaceAll('$', '$$$$')).join(' '),
        words.map((one) => one.replaceAll('$', '$$$$')),
      ],
    ),
  mem_limit: fc
    .tuple(
      fc.integer({ min: 1, max: 4096 }),
      fc.constantFrom(['k', 10] as const, ['m', 20] as const, ['gb', 30] as const, ['b', 0] as const),
    )
    .map(([count, [unit, power]]): Pair => [`${count}${unit}`, count * 2 ** power]),
  stop_grace_period: fc.integer({ min: 1, max: 100_000 }).map((seconds): Pair => {
    const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
    return [`${seconds}s`, `${minutes}m${rest}s`]
  }),
}

const printed = (key: string, value: unknown): string => {
  const attributes = /^[a-z_]+$/.test(key) ? { [key]: value } : (value as object)
  return renderJson(loadText(JSON.stringify({ services: { web: { image: 'x', ...attributes } } })))
}

for (const [key, pairs] of Object.entries(forms))
  test(`${key}: the short form means what the long one does`, () => {
    fc.assert(
      fc.property(pairs, ([short, long]) => {
        expect(printed(key, short)).toBe(printed(key, long))
      }),
      { numRuns: 50 },
    )
  })

/** A text with variables, and what it comes to; undefined where it must be refused. */
interface Template {
  readonly text: string
  readonly means: string | undefined
}

const VARIABLES: Readonly<Record<string, string>> = { SET: 'value', EMPTY: '' }

const name = fc.constantFrom('SET', 'EMPTY', 'UNSET')

/** The operators as the specification has them: with a colon an empty variable counts as unset. */
function meaning(variable: string, operator: string, argument: Template): string | undefined {
  const value = VARIABLES[variable]
  const counts = value !== undefined && (value !== '' || !operator.startsWith(':'))
  if (operator.endsWith('-')) return counts ? value : argument.means
  if (operator.endsWith('+')) return counts ? argument.means : ''
  return counts ? value : undefined
}

const joined = (parts: readonly Template[]): Template => ({
  text: parts.map(({ text }) => text).join(''),
  means: parts.every(({ means }) => means !== undefined) ? parts.map(({ means }) => means).join('') : undefined,
})

const { template } = fc.letrec<{ template: Template; part: Template }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4 },
    fc.stringMatching(/^[a-z .+-]{1,5}$/).map((text) => ({ text, means: text })),
    fc.constant({ text: '$$', means: '$' }),
    name.map((one) => ({ text: `\${${one}}`, means: VARIABLES[one] ?? '' })),
    fc
      .tuple(name, fc.constantFrom(':-', '-', ':+', '+', ':?', '?'), tie('template'))
      .map(([one, operator, argument]) => ({
        text: `\${${one}${operator}${argument.text}}`,
        means: meaning(one, operator, argument),
      })),
  ),
  template: fc.array(tie('part'), { maxLength: 4 }).map(joined),
}))

test('a text with variables in variables means what is written out by hand', () => {
  const evaluate = (text: string): string | undefined => {
    try {
      return substitute(text, { value: (one) => VARIABLES[one], unset: () => {} })
    } catch (error) {
      if (error instanceof TemplateError && error.kind === 'required') return undefined
      throw error
    }
  }
  fc.assert(
    fc.property(template, ({ text, means }) => {
      expect(evaluate(text)).toBe(means)
    }),
    { numRuns: 1000 },
  )
})
