/** Container output as lines with a coloured name before each: Docker Compose's widths and order of colours. */
import { escapeControls, type Paint, type Style } from './paint.ts'

export interface LogLook {
  readonly paint: Paint
  readonly prefix: boolean
  readonly timestamps: boolean
}

export interface LogLines {
  /** Names take their colour in the order they are registered; all prefixes are as wide as the longest. */
  readonly register: (name: string) => void
  /** What a hook says in a container: `web-1 ->  | ready`. */
  readonly hook: (name: string, text: string) => string
  readonly line: (name: string, text: string, timeNs: bigint) => string
  /** `web-1 exited with code 0`. */
  readonly status: (name: string, message: string) => string
}

const RAINBOW: readonly Style[] = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'bold-cyan',
  'bold-yellow',
  'bold-green',
  'bold-magenta',
  'bold-blue',
]

export function createLogLines({ paint, prefix, timestamps }: LogLook): LogLines {
  const styles = new Map<string, Style>()
  let width = 0
  const register = (name: string): void => {
    if (styles.has(name)) return
    styles.set(name, RAINBOW[styles.size % RAINBOW.length] as Style)
    width = Math.max(width, escapeControls(name).length + 1)
  }
  const styleOf = (name: string): Style => {
    register(name)
    return styles.get(name) as Style
  }
  const write = (title: string, style: Style, text: string): string => {
    width = Math.max(width, escapeControls(title).length + 1)
    const head = prefix ? paint(style, `${escapeControls(title).padEnd(width)} | `) : ''
    return `${head}${text}\n`
  }
  return {
    register,
    line: (name, text, timeNs) => write(name, styleOf(name), `${timestamps ? `${rfc3339Nano(timeNs)} ` : ''}${text}`),
    hook: (name, text) => write(`${name} ->`, styleOf(name), text),
    status: (name, message) => `${paint(styleOf(name), `${escapeControls(name)} ${message}`)}\n`,
  }
}

/** `2026-11-21T10:00:00.123456789Z`, with all nine digits. */
export function rfc3339Nano(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${(timeNs % 1_000_000_000n).toString().padStart(9, '0')}Z`
}
