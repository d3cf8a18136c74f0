/** Progress on a terminal: listr2 keeps the tasks, this renderer draws them. Loaded only where there is a terminal. */
import { Listr, type ListrRenderer } from 'listr2'
import type { ProgressEvent } from '../planner/progress.ts'
import type { Paint } from './paint.ts'
import type { ProgressView } from './progress.ts'
import { type ProgressRow, renderFrame } from './progress-frame.ts'

export interface Screen {
  readonly write: (text: string) => void
  readonly size: () => { readonly columns: number; readonly lines: number }
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly paint: Paint
}

const FRAME_MS = 100
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'

/** `resources` are known from the plan; a resource appears on the screen with its first event. */
export function openTtyProgress(resources: readonly string[], screen: Screen): ProgressView {
  const rows = new Map<string, ProgressRow>()
  const endings = new Map(resources.map((title) => [title, openEnding()]))
  const tasks = [...endings].map(([title, { reached }]) => ({ title, task: () => reached }))
  const running = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    // Its own handler ends the process with 127; ours stops containers.
    registerSignalListeners: false,
    renderer: rendererOf(drawerOf(rows, screen)),
  }).run()
  return {
    on: (event) => {
      const before = rows.get(event.resource)
      const flowsSinceMs = before?.flowsSinceMs ?? (event.currentBytes ? screen.now() : undefined)
      rows.set(event.resource, {
        event,
        beganAtMs: before?.beganAtMs ?? screen.now() - event.elapsedMs,
        ...(flowsSinceMs === undefined ? {} : { flowsSinceMs }),
      })
    },
    close: async () => {
      for (const [title, ending] of endings) settle(ending, rows.get(title)?.event)
      await running
    },
  }
}

interface Ending {
  readonly reached: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** There from the start: everything may be over before listr2 has begun. */
function openEnding(): Ending {
  let settle: Omit<Ending, 'reached'> | undefined
  const reached = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  reached.catch(() => {})
  return { reached, ...(settle as unknown as Omit<Ending, 'reached'>) }
}

function settle({ resolve, reject }: Ending, event: ProgressEvent | undefined): void {
  if (event?.status === 'error') reject(new Error(event.detail ?? event.text))
  else resolve()
}

/** Draws over its last picture; a line is cleared to its end, so that nothing older shines through. */
function drawerOf(rows: ReadonlyMap<string, ProgressRow>, { write, size, now, paint }: Screen): () => void {
  let height = 0
  return () => {
    if (rows.size === 0) return
    const lines = renderFrame({ rows: [...rows.values()], ...size(), nowMs: now(), paint })
    const up = height === 0 ? '' : `\x1b[${height}A`
    write(`${HIDE_CURSOR}${up}\r${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J${SHOW_CURSOR}`)
    height = lines.length
  }
}

function rendererOf(draw: () => void) {
  return class ScreenRenderer implements ListrRenderer {
    static readonly nonTTY = true
    static readonly rendererOptions = {}
    static readonly rendererTaskOptions = {}
    #timer: NodeJS.Timeout | undefined

    render(): void {
      this.#timer = setInterval(draw, FRAME_MS)
    }

    end(): void {
      clearInterval(this.#timer)
      draw()
    }
  }
}
