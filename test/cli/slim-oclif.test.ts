// The bundle runs on a slim module in oclif's place: what it makes of the flags must be what oclif makes of them.
import * as oclif from '@oclif/core'
import { expect, test } from 'vitest'
import * as slim from '../../src/cli/slim-oclif.ts'

/** Everything the commands and our flag kinds ask of the builders. */
const builders = [
  ['boolean', {}],
  ['boolean', { char: 'd', default: true, hidden: true, description: 'x', aliases: ['y'] }],
  ['string', { char: 'f', description: 'x', default: 'y', options: ['y', 'z'], helpValue: 'string' }],
  ['string', { multiple: true, default: [] }],
] as const

/** Functions compare by what they do, which the next test looks at. */
function shape(flag: object): unknown {
  return JSON.parse(JSON.stringify(flag))
}

test.each(builders)('Flags.%s(%j) is the same flag', (kind, options) => {
  const real = oclif.Flags[kind as 'boolean'](options as never)
  expect(shape(slim.Flags[kind](options as never))).toEqual(shape(real))
})

test('Flags.custom takes defaults, and options over them', () => {
  const defaults = { helpValue: 'int', parse: async (text: string) => Number(text) as never }
  const options = { char: 't', description: 'seconds', multiple: true }
  const real = oclif.Flags.custom(defaults as never)(options as never)
  const ours = slim.Flags.custom(defaults as never)(options as never)
  expect(shape(ours)).toEqual(shape(real))
  expect(ours.parse).toBe(real.parse)
})

test('a flag without a parse of its own gives the text back', async () => {
  for (const { Flags } of [oclif, slim] as const) {
    expect(await (Flags.string({}) as { parse: (text: string) => Promise<unknown> }).parse('as it is')).toBe('as it is')
  }
})

test('a command lives as under oclif: init, run, catch, finally', async () => {
  for (const Base of [oclif.Command, slim.Command] as unknown as (typeof slim.Command)[]) {
    const seen: string[] = []
    class Failing extends Base {
      static readonly id = 'failing'
      protected override async init(): Promise<void> {
        this.parsed = true
        seen.push('init')
      }
      override async run(): Promise<void> {
        seen.push('run')
        throw new Error('no')
      }
      protected override async catch(error: Error): Promise<void> {
        seen.push(`catch ${error.message}`)
      }
      protected override async finally(error: Error | undefined): Promise<void> {
        seen.push(`finally ${error?.message}`)
      }
    }
    const config = { bin: 'x', scopedEnvVarKeys: () => [], scopedEnvVarKey: () => '' }
    await new Failing([], config)._run()
    expect(seen).toEqual(['init', 'run', 'catch no', 'finally no'])
  }
})
