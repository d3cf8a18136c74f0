/** The keys of an attached `up`. The terminal gives them as they are typed, so that what it makes of some has to be done here. */
import { readFileSync } from 'node:fs'
import { createMenuLine } from '../view/menu-line.ts'
import type { Paint } from '../view/paint.ts'
import { isTrue } from './environment.ts'
import type { Output } from './output.ts'

export interface Menu {
  /** What is written to it comes above the line of keys. */
  readonly output: Output
  /** Fires when the user leaves the containers alone. */
  readonly left: AbortSignal
  readonly close: () => void
}

export interface Keyboard {
  readonly setRawMode: (raw: boolean) => unknown
  readonly on: (event: 'data', listener: (data: Buffer) => void) => unknown
  readonly off: (event: 'data', listener: (data: Buffer) => void) => unknown
  readonly pause: () => unknown
}

export interface MenuSetting {
  readonly output: Output
  readonly paint: Paint
  readonly columns: () => number
  readonly keyboard: Keyboard
  /** Sends what a key stands for to whom the terminal would. */
  readonly signal: (name: 'SIGINT' | 'SIGQUIT' | 'SIGTSTP') => void
}

/** By default where there is somebody to press them; `--menu` or COMPOSE_MENU says otherwise. */
export function wantsMenu(
  flag: boolean | undefined,
  { output, inIsTerminal }: { readonly output: Output; readonly inIsTerminal: boolean },
): boolean {
  if (!output.outIsTerminal || !inIsTerminal || !isInForeground()) return false
  return flag ?? (process.env.COMPOSE_MENU ? isTrue(process.env.COMPOSE_MENU) : true)
}

/** Whoever changes the terminal from the background is stopped by the kernel. */
export function isInForeground(): boolean {
  try {
    const words = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*[)] /s, '')
      .split(' ')
    const [group, terminalGroup] = [words[2], words[5]]
    return group === terminalGroup
  } catch {
    return process.platform !== 'linux'
  }
}

export function openMenu({ output, paint, columns, keyboard, signal }: MenuSetting): Menu {
  const line = createMenuLine(paint, columns)
  const left = new AbortController()
  const above =
    (write: Output['out']): Output['out'] =>
    (text) =>
      write(line.above(typeof text === 'string' ? text : Buffer.from(text).toString()))
  const shown: Output = {
    out: above(output.out),
    err: above(output.err),
    outIsTerminal: output.outIsTerminal,
    errIsTerminal: output.errIsTerminal,
  }
  const raw = (isRaw: boolean): void => {
    if (isInForeground()) keyboard.setRawMode(isRaw)
  }
  const restore = (): void => raw(false)
  const suspend = (): void => {
    output.out(line.hide())
    raw(false)
    process.once('SIGCONT', () => {
      raw(true)
      output.out(line.show())
    })
    signal('SIGTSTP')
  }
  const leave = (): void => {
    output.out(line.hide())
    left.abort()
  }
  const actions: Readonly<Record<string, () => void>> = {
    w: () => shown.err('Watch is not supported yet\n'),
    d: leave,
    '\r': () => shown.out('\n'),
    '\x03': () => {
      output.out(line.hide())
      signal('SIGINT')
    },
    '\x1a': suspend,
    '\x1c': () => signal('SIGQUIT'),
  }
  const onKeys = (data: Buffer): void => {
    for (const key of data.toString('latin1')) actions[key]?.()
  }
  process.once('exit', restore)
  raw(true)
  keyboard.on('data', onKeys)
  return {
    output: shown,
    left: left.signal,
    close: () => {
      output.out(line.hide())
      keyboard.off('data', onKeys)
      keyboard.pause()
      restore()
      process.off('exit', restore)
    },
  }
}
