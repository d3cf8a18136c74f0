/** Cases of files that are made to do harm: what they are refused with, or that they load, and that little memory is taken. */
import { expect, test } from 'vitest'
import { type Files, measuredRun, type Wish } from './measured-run.ts'

const MOST_MB = 300
export const MB = 2 ** 20
/** Just below the size that a file may have. */
export const FULL = 10 * MB - 200

export const times = (count: number, piece: (index: number) => string): string =>
  Array.from({ length: count }, (_, at) => piece(at)).join('')
export const fill = (piece: string, size = FULL): string => piece.repeat(Math.floor(size / piece.length))
export const compose = (text: string): Files => ({ 'compose.yaml': text })
/** A service with these lines. */
export const service = (lines: string): string => `services:\n  web:\n    image: nginx\n${lines}`

export type Case = readonly [name: string, wish: Files | Wish, told: RegExp]

const isWish = (wish: Files | Wish): wish is Wish => 'files' in wish && typeof wish.files !== 'string'

export function refuses(cases: readonly Case[]): void {
  test.each(cases)('%s', (_name, wish, told) => {
    const { status, stdout, stderr, peakMb } = measuredRun(isWish(wish) ? wish : { files: wish })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr.slice(0, 2000)).toMatch(told)
    expect(stderr).not.toContain('internal error')
    expect(stderr.length).toBeLessThan(MB / 2)
    expect(peakMb).toBeLessThan(MOST_MB)
  })
}

export function loads(cases: readonly (readonly [name: string, wish: Files | Wish])[]): void {
  test.each(cases)('%s', (_name, wish) => {
    const { status, stderr, peakMb } = measuredRun(isWish(wish) ? wish : { files: wish })
    expect({ status, stderr: stderr.slice(0, 2000) }).toEqual({ status: 0, stderr: '' })
    expect(peakMb).toBeLessThan(MOST_MB)
  })
}
