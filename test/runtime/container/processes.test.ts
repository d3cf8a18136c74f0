import { expect, test } from 'vitest'
import { sumTraffic } from '../../../src/runtime/container/usage.ts'
import { parseStat, terminalName } from '../../../src/runtime/state/process-stat.ts'

test('the fields of a process are found whatever its name is', () => {
  const rest = 'S 12 7 7 34816 7 4194560 1 0 0 0 150 50 0 0 20 0 1 0 4711 0 0'
  for (const name of ['sleep', 'a) Z (b', '((', 'new\nline']) {
    expect(parseStat(`7 (${name}) ${rest}`)).toEqual({
      name,
      state: 'S',
      parentPid: 12,
      terminal: 34816,
      cpuTicks: 200,
      startTicks: 4711,
    })
  }
})
test('terminals are named by their device number', () => {
  expect([0, 34816, 34816 + 255, 0x8900, 0x401, 0x440].map(terminalName)).toEqual([
    '',
    'pts/0',
    'pts/255',
    'pts/256',
    'tty1',
    'ttyS0',
  ])
})
test('traffic is the sum of all interfaces but the loopback', () => {
  const text = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0',
    '  eth0:    1000       3    0    0    0     0          0         0       20       5    0    0    0     0       0          0',
    '  eth1:1 3    0    0    0     0          0         0       2       5    0    0    0     0       0          0',
    '',
  ].join('\n')
  expect(sumTraffic(text)).toEqual({ receivedBytes: 1001, sentBytes: 22 })
})
