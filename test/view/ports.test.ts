import { expect, test } from 'vitest'
import type { ObservedPort } from '../../src/driver/driver.ts'
import { renderPorts } from '../../src/view/ports.ts'

/** `ip:published:target/protocol`. */
function check(...texts: readonly string[]): string {
  const ports = texts.map((text): ObservedPort => {
    const [, hostIp = '', published, target, protocol] = /^(.*):(\d+):(\d+)\/(\w+)$/.exec(text) ?? []
    return { hostIp, published: Number(published), target: Number(target), protocol: protocol as 'tcp' | 'udp' }
  })
  return renderPorts(ports)
}

test.each([
  [[], ''],
  [[':0:80/tcp'], '80/tcp'],
  [['0.0.0.0:8080:80/tcp', ':::8080:80/tcp'], '0.0.0.0:8080->80/tcp, [::]:8080->80/tcp'],
  [['0.0.0.0:80:80/tcp', '0.0.0.0:81:81/tcp', '0.0.0.0:82:82/tcp'], '0.0.0.0:80-82->80-82/tcp'],
  [[':0:6379/tcp', ':0:6380/tcp', ':0:9000/udp'], '6379-6380/tcp, 9000/udp'],
  [[':0:80/tcp', ':0:90/tcp'], '80/tcp, 90/tcp'],
  [['127.0.0.1:5353:53/udp', ':0:443/tcp'], '443/tcp, 127.0.0.1:5353->53/udp'],
])('%j', (ports, expected) => {
  expect(check(...ports)).toBe(expected)
})
