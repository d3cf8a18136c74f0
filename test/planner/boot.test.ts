import { expect, test } from 'vitest'
import type { Observed } from '../../src/driver/driver.ts'
import { planBoot } from '../../src/planner/boot.ts'
import { up } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { stepLines } from '../support/plan-text.ts'
import { projectOf } from '../support/projects.ts'

type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully'

const needs = (name: string, condition: Condition) => ({ depends_on: { [name]: { condition, required: true } } })
const project = projectOf({
  services: {
    proxy: needs('web', 'service_started'),
    web: needs('db', 'service_healthy'),
    db: { ...needs('migration', 'service_completed_successfully'), healthcheck: { test: ['CMD', 'true'] } },
    migration: {},
  },
})

/** Everything is down, as after a start of the machine, but for what still runs. */
async function afterReboot(running: readonly string[] = []): Promise<Observed> {
  const driver = createFakeDriver({
    images: ['busybox'],
    program: (spec) => (spec.containerName.includes('migration') ? { exitCode: 0 } : { health: ['healthy'] }),
  })
  await up(project, driver)
  for (const { containerName, labels } of driver.everything().containers)
    if (!running.includes(labels['com.docker.compose.service'] ?? '')) driver.exit(containerName, 137)
  return driver.everything()
}

function planOf(observed: Observed, services: readonly string[]): string {
  const wanted = observed.containers.filter((one) => services.includes(one.labels['com.docker.compose.service'] ?? ''))
  return stepLines(planBoot('app', observed, new Set(wanted.map((one) => one.containerId))))
}

test('what its restart policy wants is started in the order of its dependencies, and a job that stays down is not waited for', async () => {
  expect(planOf(await afterReboot(), ['proxy', 'web', 'db'])).toMatchInlineSnapshot(`
    "#1 start-container app-db-1 (its restart policy wants it to run)
    #2 wait-container app-db-1 healthy (others depend on it) after #1
    #3 start-container app-web-1 (its restart policy wants it to run) after #2
    #4 start-container app-proxy-1 (its restart policy wants it to run) after #3"
  `)
})

test('a dependency that stays down holds up nobody', async () => {
  expect(planOf(await afterReboot(), ['proxy'])).toMatchInlineSnapshot(
    `"#1 start-container app-proxy-1 (its restart policy wants it to run)"`,
  )
})

test('a dependency that runs already is only waited for', async () => {
  expect(planOf(await afterReboot(['db']), ['web'])).toMatchInlineSnapshot(
    `"#1 start-container app-web-1 (its restart policy wants it to run)"`,
  )
})

test('nothing is done when nothing is wanted', async () => {
  expect(planOf(await afterReboot(), [])).toBe('')
})
