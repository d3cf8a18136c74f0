import { expect, test } from 'vitest'
import type { ObservedProcess } from '../../src/driver/driver.ts'
import { renderProcesses } from '../../src/view/process-table.ts'

const NOW = new Date(2026, 10, 25, 18, 30).getTime()
const HOUR = 3_600_000

function columns(changes: Partial<ObservedProcess>): string[] {
  const usual = { pid: 7, parentPid: 1, user: 'root', terminal: '', startedAtMs: NOW - HOUR, cpuMs: 0, command: 'x' }
  const text = renderProcesses([{ serviceName: 'web', number: '1', processes: [{ ...usual, ...changes }] }], NOW)
  return (text.split('\n')[1] ?? '').split(/ +/).slice(2)
}

test('a process that began today shows the hour, one of this year the day, an older one the year', () => {
  expect(columns({})[4]).toBe('17:30')
  expect(columns({ startedAtMs: NOW - 24 * HOUR })[4]).toBe('Nov24')
  expect(columns({ startedAtMs: new Date(2025, 11, 31).getTime() })[4]).toBe('2025')
})
test('time on processors is told in hours, with the days before them, and as a share of its life', () => {
  expect(columns({ cpuMs: HOUR / 4 + 61_000 }).slice(3, 7)).toEqual(['26', '17:30', '?', '00:16:01'])
  expect(columns({ cpuMs: 49 * HOUR })[6]).toBe('02-01:00:00')
})
test('long user names are cut, terminals are named', () => {
  expect(columns({ user: 'systemd-network', terminal: 'pts/3' }).slice(0, 6)).toEqual([
    'systemd+',
    '7',
    '1',
    '0',
    '17:30',
    'pts/3',
  ])
})
