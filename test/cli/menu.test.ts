// The line of keys below an attached up, and what the keys do.
import { describe, expect, test, vi } from 'vitest'
import { openMenu, wantsMenu } from '../../src/cli/menu.ts'
import { createMenuLine } from '../../src/view/menu-line.ts'
import { plainPaint } from '../../src/view/paint.ts'

const LINE = 'w Enable Watch   d Detach'
const ERASE = '\r\u001b[2K'

describe('the line', () => {
  test('is always the last one: what is written takes its place', () => {
    const line = createMenuLine(plainPaint, () => 80)
    expect(line.above('web-1 | a\n')).toBe(`web-1 | a\n${LINE}`)
    expect(line.above('web-1 | b\n')).toBe(`${ERASE}web-1 | b\n${LINE}`)
  })
  test('waits for the end of the line that it would break', () => {
    const line = createMenuLine(plainPaint, () => 80)
    expect(line.above('half')).toBe('half')
    expect(line.above(' and whole\n')).toBe(` and whole\n${LINE}`)
  })
  test('is left out where it would not fit', () => {
    expect(createMenuLine(plainPaint, () => LINE.length).above('a\n')).toBe('a\n')
  })
  test('comes back after it was hidden only when it is wanted again', () => {
    const line = createMenuLine(plainPaint, () => 80)
    line.above('a\n')
    expect(line.hide()).toBe(ERASE)
    expect(line.above('b\n')).toBe('b\n')
    expect(line.show()).toBe(LINE)
  })
})

function opened() {
  const said: string[] = []
  const listeners = new Set<(data: Buffer) => void>()
  const keyboard = {
    setRawMode: vi.fn(),
    on: (_: 'data', listener: (data: Buffer) => void) => listeners.add(listener),
    off: (_: 'data', listener: (data: Buffer) => void) => listeners.delete(listener),
    pause: vi.fn(),
  }
  const signal = vi.fn()
  const write = (text: string | Uint8Array): void => {
    said.push(String(text))
  }
  const output = { out: write, err: write, outIsTerminal: true, errIsTerminal: true }
  const menu = openMenu({ output, paint: plainPaint, columns: () => 80, keyboard, signal })
  const press = (keys: string): void => {
    for (const listener of listeners) listener(Buffer.from(keys))
  }
  return { menu, press, signal, keyboard, listeners, said: () => said.join('') }
}

describe('a key', () => {
  test('d leaves the containers alone', () => {
    const { menu, press } = opened()
    expect(menu.left.aborted).toBe(false)
    press('d')
    expect(menu.left.aborted).toBe(true)
  })
  test('w says that it is not there yet, above the line', () => {
    const { press, said } = opened()
    press('w')
    expect(said()).toBe(`Watch is not supported yet\n${LINE}`)
  })
  test('Enter makes room, and others do nothing', () => {
    const { press, said } = opened()
    press('o\rv')
    expect(said()).toBe(`\n${LINE}`)
  })
  test.each([
    ['Ctrl-C', '\u0003', 'SIGINT'],
    ['Ctrl-Z', '\u001a', 'SIGTSTP'],
    ['Ctrl-\\', '\u001c', 'SIGQUIT'],
  ])('%s is the signal that the terminal would make of it', (_, key, name) => {
    const { press, signal } = opened()
    press(key)
    expect(signal.mock.calls).toEqual([[name]])
  })
})

test('afterwards nobody listens, and the line is gone', () => {
  const { menu, listeners, keyboard, said } = opened()
  menu.output.out('a\n')
  menu.close()
  expect(listeners.size).toBe(0)
  expect(keyboard.pause).toHaveBeenCalled()
  expect(said()).toBe(`a\n${LINE}${ERASE}`)
})

test('there is a menu only where somebody could press its keys', () => {
  const output = { out: () => {}, err: () => {}, outIsTerminal: false, errIsTerminal: true }
  expect(wantsMenu(true, { output, inIsTerminal: true })).toBe(false)
  expect(wantsMenu(true, { output: { ...output, outIsTerminal: true }, inIsTerminal: false })).toBe(false)
})
