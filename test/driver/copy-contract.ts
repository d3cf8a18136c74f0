/** What a driver promises about copying files between this machine and a container that has programs. */
import { execFileSync } from 'node:child_process'
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DriverSubject, LABELS, refusal, useBench } from './subject.ts'

export function describeCopyContract(makeSubject: () => Promise<DriverSubject>): void {
  describe('copying', () => {
    const bench = useBench(makeSubject)
    let here = ''
    beforeEach(() => {
      here = mkdtempSync(join(tmpdir(), 'tscompose-cp-'))
      mkdirSync(join(here, 'tree', 'empty'), { recursive: true })
      writeFileSync(join(here, 'tree', 'file'), 'text\n', { mode: 0o640 })
      chownSync(join(here, 'tree', 'file'), 1234, 2345)
      symlinkSync('file', join(here, 'tree', 'link'))
    })
    afterEach(() => rmSync(here, { recursive: true }))

    const into = (containerId: string, source: string, target: string, followLink = false) =>
      bench.driver.copyInto(containerId, { source: `${here}/${source}`, target, followLink }, bench.signal)
    const from = (containerId: string, source: string, target: string, changes: object = {}) =>
      bench.driver.copyFrom(
        containerId,
        { source, target: join(here, target), followLink: false, keepOwners: false, ...changes },
        bench.signal,
      )
    const sh = async (containerId: string, line: string): Promise<string> => {
      let text = ''
      const take = (data: Uint8Array): void => {
        text += Buffer.from(data).toString('utf8')
      }
      const spec = {
        argv: ['sh', '-c', line],
        environment: [],
        tty: false,
        stdin: false,
        privileged: false,
        detach: false,
      }
      await bench.driver.exec(containerId, spec, { stdout: take, stderr: take }, bench.signal)
      return text
    }

    test('into a running container keeps owners, modes and links, under the name or in the directory', async () => {
      const containerId = await bench.run()
      await into(containerId, 'tree', '/tmp')
      await into(containerId, 'tree', '/new')
      await into(containerId, 'tree/.', '/new')
      const seen = await sh(containerId, 'stat -c "%n %a %u:%g" /tmp/tree/file /new/file; readlink /new/link; ls /new')
      expect(seen).toBe('/tmp/tree/file 640 1234:2345\n/new/file 640 1234:2345\nfile\nempty\nfile\nlink\n')
    })
    test('out of it gives the files to the caller, or keeps their owners', async () => {
      const containerId = await bench.run()
      await from(containerId, '/seed', 'out')
      await from(containerId, '/seed/file', 'kept', { keepOwners: true })
      expect(readFileSync(join(here, 'out', 'file'), 'utf8')).toBe('seed\n')
      expect([lstatSync(join(here, 'out', 'file')).uid, lstatSync(join(here, 'kept')).uid]).toEqual([0, 33])
    })
    test('goes through links of the container, absolute ones too, and never out of it', async () => {
      const containerId = await bench.run()
      writeFileSync(join(here, 'outside'), 'host\n')
      await sh(
        containerId,
        `mkdir -p /run /var/lib; ln -s /run /var/run; ln -s ${here} /lead; ln -s /var/run/named /name; echo own >/run/own`,
      )
      await into(containerId, 'tree/file', '/var/run/file')
      await into(containerId, 'tree/file', '/name')
      expect(await sh(containerId, 'cat /run/file /run/named')).toBe('text\ntext\n')
      await refusal('refused', into(containerId, 'tree/file', '/lead/outside'))
      await refusal('refused', from(containerId, '/lead/outside', 'stolen'))
      await from(containerId, '/var/run/own', 'own')
      expect([readFileSync(join(here, 'own'), 'utf8'), readFileSync(join(here, 'outside'), 'utf8')]).toEqual([
        'own\n',
        'host\n',
      ])
    })
    test('a link is copied as a link, unless what it points to is wanted', async () => {
      const containerId = await bench.run()
      await sh(containerId, 'ln -s /seed/file /link')
      await from(containerId, '/link', 'link')
      expect(readlinkSync(join(here, 'link'))).toBe('/seed/file')
      await from(containerId, '/link', 'followed', { followLink: true })
      expect(readFileSync(join(here, 'followed'), 'utf8')).toBe('seed\n')
    })
    test('nothing becomes another kind of thing', async () => {
      const containerId = await bench.run()
      await sh(containerId, 'mkdir -p /one/file /two; touch /two/empty /three')
      await refusal('refused', into(containerId, 'tree/.', '/one'))
      await refusal('refused', into(containerId, 'tree/.', '/two'))
      await refusal('refused', into(containerId, 'tree', '/three'))
      expect(await sh(containerId, 'test -d /one/file && test -f /two/empty && test -f /three && echo same')).toBe(
        'same\n',
      )
    })
    test('what is not there is named', async () => {
      const containerId = await bench.run()
      expect((await refusal('refused', from(containerId, '/nope', 'x'))).message).toContain(
        '"/nope" in container "app-web-1"',
      )
      expect((await refusal('refused', into(containerId, 'nope', '/x'))).message).toContain(join(here, 'nope'))
      expect((await refusal('refused', into(containerId, 'tree', '/nope/x'))).message).toContain('"/nope"')
      expect((await refusal('refused', from(containerId, '/seed', 'nope/x'))).message).toContain(join(here, 'nope'))
    })
    test('works with a container that does not run, whose volumes are seen, and it can be started afterwards', async () => {
      await bench.driver.createVolume(
        { volumeName: 'contract_data', driver: 'local', driverOptions: {}, labels: LABELS },
        bench.signal,
      )
      const mount = {
        kind: 'volume',
        volumeName: 'contract_data',
        target: '/data',
        readOnly: false,
        noCopy: false,
      } as const
      const containerId = await bench.create({ mounts: [mount] })
      await into(containerId, 'tree/file', '/data/file')
      await into(containerId, 'tree/file', '/file')
      await bench.driver.startContainer(containerId, bench.signal)
      expect(await sh(containerId, 'cat /data/file /file; echo more >>/file')).toBe('text\ntext\n')
      await bench.driver.stopContainer(containerId, {}, bench.signal)
      await from(containerId, '/file', 'back')
      await from(containerId, '/data', 'data')
      expect(readFileSync(join(here, 'back'), 'utf8')).toBe('text\nmore\n')
      expect(readFileSync(join(here, 'data', 'file'), 'utf8')).toBe('text\n')
    })
    test('a read-only container stays as it is, running or not', async () => {
      const containerId = await bench.create({ readOnly: true })
      await refusal('refused', into(containerId, 'tree', '/new'))
      await bench.driver.startContainer(containerId, bench.signal)
      await refusal('refused', into(containerId, 'tree', '/new'))
    })
    test('archives go in and come out as a stream', async () => {
      const containerId = await bench.run()
      const pieces: Uint8Array[] = []
      const target = (data: Uint8Array): void => void pieces.push(data)
      await bench.driver.copyFrom(
        containerId,
        { source: '/seed', target, followLink: false, keepOwners: false },
        bench.signal,
      )
      const archive = Buffer.concat(pieces)
      expect(execFileSync('tar', ['tvf', '-', '--numeric-owner'], { input: archive, encoding: 'utf8' })).toMatch(
        /33\/33 .* seed\/file\n/,
      )
      async function* source(): AsyncGenerator<Uint8Array> {
        yield archive.subarray(0, 700)
        yield archive.subarray(700)
      }
      await bench.driver.copyInto(containerId, { source: source(), target: '/tmp', followLink: false }, bench.signal)
      expect(await sh(containerId, 'cat /tmp/seed/file; stat -c %u /tmp/seed/file')).toBe('seed\n33\n')
    })
  })
}
