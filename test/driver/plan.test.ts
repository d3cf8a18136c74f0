/** The planner's promises kept by real containers: what `up` made needs nothing more, and `down` takes everything with it. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Driver } from '../../src/driver/driver.ts'
import { openNativeDriver } from '../../src/driver/native/native-driver.ts'
import type { Service } from '../../src/model/project.ts'
import { isEmpty } from '../../src/planner/plan.ts'
import { down, NEVER, planFor, up } from '../support/bring-up.ts'
import { busyboxImage } from '../support/busybox.ts'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { whyNotPrivileged } from '../support/privileged.ts'
import { projectOf } from '../support/projects.ts'

const reason = whyNotPrivileged()
if (reason !== undefined) console.warn(`plans are not tried on real containers: ${reason}`)

describe.skipIf(reason !== undefined)('on this machine', () => {
  const root = mkdtempSync(join(tmpdir(), 'tscompose-plan-'))
  const image = `busybox-${randomBytes(4).toString('hex')}`
  let driver: Driver
  let before: Awaited<ReturnType<typeof takeSnapshot>>

  beforeAll(async () => {
    const env = { ...process.env, TSCOMPOSE_DATA_DIR: join(root, 'data'), TSCOMPOSE_RUN_DIR: join(root, 'run') }
    await busyboxImage(env, image)
    driver = openNativeDriver({ env, uid: 0 })
    before = await takeSnapshot()
  })
  afterAll(async () => {
    if (driver !== undefined) await down(projectOf({ services: {} }), driver, { removeOrphans: true })
    rmSync(root, { recursive: true })
  })

  const sleeping: Partial<Service> = { image, command: ['sleep', '1000'], stop_grace_period: '0s' }
  const services = {
    web: { ...sleeping, scale: 2, depends_on: { db: { condition: 'service_healthy' as const, required: true } } },
    job: { image, command: ['true'] },
    late: {
      ...sleeping,
      depends_on: { job: { condition: 'service_completed_successfully' as const, required: true } },
    },
    guest: { ...sleeping, network_mode: 'service:db' },
    db: {
      ...sleeping,
      healthcheck: { test: ['CMD', 'true'], interval: '100ms' },
      volumes: [
        { type: 'volume' as const, source: 'data', target: '/data' },
        { type: 'volume' as const, target: '/cache' },
      ],
    },
  }
  const volumes = { data: { name: 'app_data' } }

  test('projects come up, change, scale, restart after an end, and go', async () => {
    const project = projectOf({ services, volumes })
    await up(project, driver)
    expect((await planFor(project, driver)).steps).toEqual([])
    expect(await statuses()).toEqual([
      'app-db-1 running',
      'app-guest-1 running',
      'app-job-1 exited',
      'app-late-1 running',
      'app-web-1 running',
      'app-web-2 running',
    ])

    const changed = projectOf({
      services: { ...services, db: { ...services.db, hostname: 'other' }, web: { ...services.web, scale: 1 } },
      volumes,
    })
    await up(changed, driver)
    expect(isEmpty(await planFor(changed, driver))).toBe(true)
    expect(await statuses()).toEqual([
      'app-db-1 running',
      'app-guest-1 running',
      'app-job-1 exited',
      'app-late-1 running',
      'app-web-1 running',
    ])

    const wider = projectOf({
      services: { ...changed.services },
      volumes,
      networks: { default: { name: 'app_default', internal: true } },
    })
    await up(wider, driver)
    expect(isEmpty(await planFor(wider, driver))).toBe(true)

    await down(wider, driver, { volumes: true })
    expect(await driver.observe('app', NEVER)).toEqual({ containers: [], networks: [], volumes: [] })
    await expectNothingLeft(before)
  })

  async function statuses(): Promise<readonly string[]> {
    const { containers } = await driver.observe('app', NEVER)
    return containers.map((one) => `${one.containerName} ${one.status}`).sort()
  }
})
