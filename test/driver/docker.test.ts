import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { openDockerDriver } from '../../src/driver/docker/docker-driver.ts'
import { busyboxArchive } from '../support/busybox.ts'
import { docker, dockerHost, startDaemon, whyNoDaemon } from '../support/docker-daemon.ts'
import { describeDriverContract } from './contract.ts'
import { describeCopyContract } from './copy-contract.ts'
import { describeProgramContract } from './program-contract.ts'
import type { DriverSubject } from './subject.ts'

const reason = whyNoDaemon()
if (reason !== undefined) console.warn(`the docker driver is not tested: ${reason}`)

async function dockerSubject(): Promise<DriverSubject> {
  const work = mkdtempSync(join(tmpdir(), 'tscompose-docker-'))
  const image = `busybox-${randomBytes(4).toString('hex')}`
  try {
    const archive = await busyboxArchive(work)
    docker(['import', '-c', 'CMD ["sh"]', archive, image])
    docker(['import', '-c', 'CMD ["sh"]', '-c', 'VOLUME /seed', archive, `${image}-volume`])
  } finally {
    rmSync(work, { recursive: true })
  }
  const lines = (...words: string[]): string[] => docker(words).split('\n').sort()
  return {
    driver: openDockerDriver({ env: { ...process.env, DOCKER_HOST: dockerHost } }),
    image,
    volumeImage: `${image}-volume`,
    snapshot: async () => [lines('ps', '-aq'), lines('network', 'ls', '-q'), lines('volume', 'ls', '-q')],
    close: async () => void docker(['image', 'rm', '-f', image, `${image}-volume`]),
  }
}

describe.skipIf(reason !== undefined)('on a Docker daemon', () => {
  let stop = async (): Promise<void> => {}
  beforeAll(() => {
    stop = startDaemon()
  }, 200_000)
  afterAll(() => stop(), 60_000)
  describeDriverContract('docker', dockerSubject)
  describeProgramContract('docker', dockerSubject)
  describeCopyContract(dockerSubject)
})
