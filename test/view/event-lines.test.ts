import { expect, test } from 'vitest'
import type { ContainerEvent } from '../../src/driver/driver.ts'
import { eventJson, eventLine } from '../../src/view/event-lines.ts'

const event: ContainerEvent = {
  timeNs: BigInt(new Date(2026, 10, 25, 19, 11, 54).getTime()) * 1_000_000n + 439_722_203n,
  containerId: 'fc3a',
  containerName: 'ev-h-1',
  image: 'busybox',
  labels: { 'com.docker.compose.service': 'h', a: 'b<' },
  action: 'die',
  attributes: { exitCode: '3' },
}

test('an event is one line, with local time to the microsecond and what belongs to it by name', () => {
  expect(eventLine(event)).toBe(
    '2026-11-25 19:11:54.439722 container die fc3a (a=b<, exitCode=3, image=busybox, name=ev-h-1)\n',
  )
})
test('as JSON it has the fields of Docker Compose, and the time as Go writes it', () => {
  const text = eventJson({ ...event, timeNs: 1_000_000_000n * 1795631514n + 500_000_000n })
  expect(text).toBe(
    '{"action":"die","attributes":{"a":"b\\u003c","exitCode":"3","image":"busybox","name":"ev-h-1"},"id":"fc3a","service":"h","time":"2026-11-25T18:31:54.5Z","type":"container"}\n',
  )
})
