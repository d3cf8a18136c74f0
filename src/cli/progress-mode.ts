/** Which display of progress: `--progress`, and what the terminal can do. */
import { type Paint, plainPaint } from '../view/paint.ts'
import type { ProgressMode } from '../view/progress.ts'
import { Refusal } from './failure.ts'

export interface ProgressPlace {
  readonly isTerminal: boolean
  readonly paint: Paint
}

/** A terminal that must not get escape sequences is not drawn on. */
export function chooseProgressMode(wish: string | undefined, { isTerminal, paint }: ProgressPlace): ProgressMode {
  switch (wish) {
    case undefined:
    case '':
    case 'auto':
      return isTerminal && paint !== plainPaint ? 'tty' : 'plain'
    case 'none':
    case 'quiet':
      return 'quiet'
    case 'tty':
    case 'plain':
    case 'json':
      return wish
    default:
      throw new Refusal(`unsupported --progress value "${wish}"`, 'use auto, tty, plain, json or quiet')
  }
}
