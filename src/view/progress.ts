/** What shows the progress of a plan while it is applied. */
import type { ProgressEvent } from '../planner/progress.ts'
import { escapeControls } from './paint.ts'
import { jsonProgress, plainProgress } from './progress-text.ts'

export interface ProgressView {
  readonly on: (event: ProgressEvent) => void
  /** Shows the last state and gives the screen back. */
  readonly close: () => Promise<void>
}

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet'

/** The display of a mode that draws nothing. */
export function openTextProgress(mode: Exclude<ProgressMode, 'tty'>, write: (text: string) => void): ProgressView {
  const close = async (): Promise<void> => {}
  if (mode === 'quiet') return { on: () => {}, close }
  const said = new Map<string, string>()
  return {
    on: (event) => {
      if (mode === 'json') return write(jsonProgress(event))
      // One line for an image, however many layers it has.
      if (event.parent !== undefined) return
      if (event.output !== undefined) return write(`${escapeControls(event.output)}\n`)
      // A transfer reports many times with the same word.
      if (event.status === 'working' && said.get(event.resource) === event.text) return
      said.set(event.resource, event.text)
      write(plainProgress(event))
    },
    close,
  }
}
