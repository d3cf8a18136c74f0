/** The display of progress that fits the terminal and the wishes. */
import type { Paint } from '../view/paint.ts'
import { openTextProgress, type ProgressView } from '../view/progress.ts'
import { isTrue } from './environment.ts'
import type { Output } from './output.ts'
import { chooseProgressMode } from './progress-mode.ts'

export interface ProgressSetting {
  readonly output: Output
  readonly paintFor: (stream: 'out' | 'err') => Paint
  /** `--progress` */
  readonly progress: string | undefined
}

/** `resources` are the lines that the display begins with. */
export async function openProgress(
  resources: readonly string[],
  drawing: 'may-draw' | 'never-draw',
  { output, paintFor, progress }: ProgressSetting,
): Promise<ProgressView> {
  const toStdout = isTrue(process.env.COMPOSE_STATUS_STDOUT)
  const { out, err, outIsTerminal, errIsTerminal } = output
  const write = toStdout ? out : err
  const mode = chooseProgressMode(progress, {
    isTerminal: toStdout ? outIsTerminal : errIsTerminal,
    paint: paintFor('err'),
  })
  if (mode !== 'tty' || drawing === 'never-draw') return openTextProgress(mode === 'tty' ? 'plain' : mode, write)
  const { openTtyProgress } = await import('../view/progress-tty.ts')
  const size = () => ({ columns: process.stderr.columns || 80, lines: process.stderr.rows || 24 })
  return openTtyProgress(resources, { write, size, now: monotonicMs, paint: paintFor('err') })
}

/** Not `performance`, which takes Node milliseconds to load. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
