import { describe, expect, test } from 'vitest'
import { atThisPace } from '../support/pace.ts'
import { isSoak } from '../support/soak.ts'
import { killWatchers, type Watcher, watchers } from '../support/watchers.ts'
import { eventually, mustRun, start } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: watched
services:
  kept: { image: busybox, command: sleep 1000, stop_grace_period: 0s, restart: always }
  left: { image: busybox, command: sleep 1000, stop_grace_period: 0s }
`

const ROUNDS = isSoak ? 100 : 3

describe.runIf(privileged)('a container', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose })

  test('whose monitor is killed is never shown as running when it is not, and runs again where its policy wants it', async () => {
    await mustRun(['up', '-d'], here)
    for (let round = 1; round <= ROUNDS; round += 1) {
      const doomed = await monitors()
      for (const { pid } of doomed) process.kill(pid, 'SIGKILL')
      const since = Date.now()
      expect(await statusOf('left')).toMatch(/^Exited \(137\)/)
      expect(Date.now() - since).toBeLessThan(atThisPace(2_000))
      await eventually('the kept one is up again', async () =>
        (await statusOf('kept')).startsWith('Up') ? true : undefined,
      )
      expect((await monitors()).map((one) => one.pid)).not.toContain(doomed[0]?.pid)
      // The next wait would be twice as long.
      await mustRun(['restart', '-t', '0'], here)
    }
  })

  test('whose monitor is killed ends what is attached to it within two seconds', async () => {
    const child = start(['up', 'left'], here)
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const [monitor] = await eventually('the monitor', async () =>
      (await monitors()).length > 0 ? monitors() : undefined,
    )
    await eventually('it runs', async () => ((await statusOf('left')).startsWith('Up') ? true : undefined))
    process.kill(monitor?.pid ?? expect.fail('it is watched'), 'SIGKILL')
    const since = Date.now()
    await ended
    expect(Date.now() - since).toBeLessThan(atThisPace(2_000))
    expect(stdout).toContain('left-1 exited with code 137')
  })

  test('whose watchers are all killed at once is told as exited at once, and up or system boot brings it back', async () => {
    await mustRun(['up', '-d'], here)
    await killWatchers()
    expect(await statusOf('kept')).toMatch(/^Exited \(137\)/)
    await mustRun(['system', 'boot'], here)
    expect([await statusOf('kept'), await statusOf('left')]).toEqual([
      expect.stringMatching(/^Up/),
      expect.stringMatching(/^Exited/),
    ])
    await killWatchers()
    await mustRun(['up', '-d'], here)
    expect([await statusOf('kept'), await statusOf('left')]).toEqual([
      expect.stringMatching(/^Up/),
      expect.stringMatching(/^Up/),
    ])
  })

  test.each([['stop', '-t', '0'], ['kill'], ['restart', '-t', '0'], ['down', '-t', '0']])(
    'whose monitor is stopped by a signal is told as unresponsive, and obeys %s',
    async (...command) => {
      await mustRun(['up', '-d'], here)
      for (const { pid } of watchers()) process.kill(pid, 'SIGSTOP')
      const since = Date.now()
      expect(await statusOf('left')).toMatch(/^Up .* \(unresponsive\)$/)
      expect(Date.now() - since).toBeLessThan(atThisPace(1_000))
      await mustRun(command, here)
      expect(Date.now() - since).toBeLessThan(atThisPace(8_000))
      for (const { pid } of watchers()) process.kill(pid, 'SIGCONT')
      if (command[0] !== 'down') expect(await statusOf('left')).toMatch(command[0] === 'restart' ? /^Up/ : /^Exited/)
    },
  )

  async function statusOf(service: string): Promise<string> {
    return (await mustRun(['ps', '-a', '--format', '{{.Status}}', service], here)).stdout.trim()
  }

  async function monitors(): Promise<readonly Watcher[]> {
    return watchers().filter((one) => one.kind === 'monitor')
  }
})
