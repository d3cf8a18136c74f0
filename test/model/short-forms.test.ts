/** Ports, volumes and commands in their short forms. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables that were not replaced are tested
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitCommand } from '../../src/model/short/command.ts'
import { isAddress, parsePorts } from '../../src/model/short/port.ts'
import { parseVolume } from '../../src/model/short/volume.ts'

describe('ports', () => {
  const shown = (spec: string): readonly string[] | string => {
    const ports = parsePorts(spec)
    return typeof ports === 'string'
      ? ports
      : ports.map(({ hostIp, published, target, protocol }) => `${hostIp}|${published}|${target}/${protocol}`)
  }
  test.each([
    ['80', ['||80/tcp']],
    ['8080:80', ['|8080|80/tcp']],
    ['8080:80/UDP', ['|8080|80/udp']],
    ['127.0.0.1:8080:80', ['127.0.0.1|8080|80/tcp']],
    ['127.0.0.1::80', ['127.0.0.1||80/tcp']],
    ['[::1]:8080:80', ['::1|8080|80/tcp']],
    ['3000-3001', ['||3000/tcp', '||3001/tcp']],
    ['9090-9091:8080-8081', ['|9090|8080/tcp', '|9091|8081/tcp']],
    ['8000-9000:80', ['|8000-9000|80/tcp']],
    ['70000:80', '"70000" is not a host port: ports are 0 to 65535'],
    ['80-79', '"80-79" is not a container port: the range runs backwards'],
    ['1-3:1-2', 'the ranges of container and host differ in length: 2 and 3 ports'],
    ['80/foo', '"foo" is not a protocol: use tcp, udp or sctp'],
    ['1.2.3:80:80', '"1.2.3" is not an IP address'],
    ['', 'no port specified'],
    ['0', 'a container has no port 0'],
  ])('%s', (spec, expected) => expect(shown(spec)).toEqual(expected))
  test('a port written in long reads back', () => {
    const port = fc.integer({ min: 1, max: 65535 })
    fc.assert(
      fc.property(fc.ipV4(), port, port, fc.constantFrom('tcp', 'udp', 'sctp'), (ip, host, target, protocol) => {
        expect(parsePorts(`${ip}:${host}:${target}/${protocol}`)).toEqual([
          { hostIp: ip, published: String(host), target, protocol },
        ])
      }),
    )
  })
  test('addresses', () => {
    fc.assert(fc.property(fc.ipV4(), (ip) => isAddress(ip)))
    fc.assert(fc.property(fc.ipV6(), (ip) => isAddress(ip)))
    for (const wrong of ['1.2.3', '256.1.1.1', '01.2.3.4', ':::', '1::2::3', '12345::', 'localhost'])
      expect(isAddress(wrong)).toBe(false)
  })
})

describe('volumes', () => {
  const shown = (spec: string): string => {
    const volume = parseVolume(spec)
    if (volume.kind === 'bad') return volume.reason
    const { source, target, readOnly, nocopy, propagation, selinux, isPath } = volume
    return [isPath ? 'bind' : 'volume', source, target, readOnly && 'ro', nocopy && 'nocopy', propagation, selinux]
      .filter(Boolean)
      .join(' ')
  }
  test.each([
    ['/anonymous', 'volume /anonymous'],
    ['data:/data', 'volume data /data'],
    ['./a:/b:ro,z', 'bind ./a /b ro z'],
    ['~/x:/y:rslave', 'bind ~/x /y rslave'],
    ['data:/d:nocopy,unknown', 'volume data /d nocopy'],
    ['C:\\data:/data', 'bind C:\\data /data'],
    ['c:/a:d:/b:ro', 'bind c:/a d:/b ro'],
    ['${DIR:-./x}:/y', 'volume ${DIR:-./x} /y'],
    ['', 'it is empty'],
    ['aa::b', 'there is nothing between its colons'],
    ['aa:bb:cc:dd', 'it has too many colons'],
  ])('%s', (spec, expected) => expect(shown(spec)).toBe(expected))
})

describe('commands', () => {
  test.each([
    ['echo "a b" \'c d\' e\\ f', ['echo', 'a b', 'c d', 'e f']],
    ['sh -c "a\n b"', ['sh', '-c', 'a\n b']],
    ['a "" \'\'', ['a', '', '']],
    ['a && b', ['a']],
    ['run 2> log', ['run']],
    ['echo $(date +%s) `who am i`', ['echo', '$(date +%s)', '`who am i`']],
    ["echo '\\n' \\n", ['echo', '\\n', '\n']],
    ['', []],
    ['echo "open', undefined],
    ['echo (', undefined],
    ['echo \\', undefined],
  ])('%s', (line, words) => expect(splitCommand(line)).toEqual(words))
  test('words in single quotes come back as they are', () => {
    const word = fc.string().filter((text) => !text.includes("'"))
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(splitCommand(words.map((one) => `'${one}'`).join(' '))).toEqual(words)
      }),
    )
  })
})
