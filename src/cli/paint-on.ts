/** The colours of each of the two outputs. */
import { choosePaint, type Paint } from '../view/paint.ts'
import type { Output } from './output.ts'

/** `ansi` is `--ansi`, or COMPOSE_ANSI. */
export function paintOn(output: Output, ansi: string | undefined): (stream: 'out' | 'err') => Paint {
  return (stream) => {
    const isTerminal = stream === 'out' ? output.outIsTerminal : output.errIsTerminal
    return choosePaint({ ansi, noColor: process.env.NO_COLOR, isTerminal })
  }
}
