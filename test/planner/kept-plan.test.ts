// A plan that went through a file is the plan that was shown, and the world it was made on is told apart from others.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { ComposeError } from '../../src/diagnostic.ts'
import { basisOf, type ImageIds, movesSince } from '../../src/planner/basis.ts'
import { joinPlans } from '../../src/planner/join.ts'
import { planUp } from '../../src/planner/up.ts'
import { renderPlanJson } from '../../src/view/plan-json.ts'
import { NEVER, surroundingsOf, up } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { loadText } from '../support/load-text.ts'

const schema = readFileSync(new URL('../../schemas/output/plan.json', import.meta.url), 'utf8')
const matches = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(schema))

const root = new URL('../golden/plan/', import.meta.url)
const text = `
name: app
services:
  web: { image: busybox, depends_on: [db] }
  db: { image: busybox, volumes: [data:/data] }
volumes: { data: {} }
`

async function world() {
  const driver = createFakeDriver({ images: ['busybox'], program: () => ({}) })
  await up(loadText(text), driver)
  const observe = () => driver.observe('app', NEVER)
  return { driver, observe, basis: basisOf(await observe(), {}) }
}

describe('a plan in a file, and one for programs', () => {
  const cases = readdirSync(root).filter((name) => !existsSync(new URL(`${name}/observed.json`, root)))
  test.each(cases)('says the same: %s', async (name) => {
    const read = (file: string): string | undefined => {
      const path = new URL(`${name}/${file}`, root)
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined
    }
    const driver = createFakeDriver({ images: ['busybox'], program: () => ({ health: ['healthy'] }) })
    const before = read('before.yaml')
    if (before !== undefined) await up(loadText(before), driver)
    const options = JSON.parse(read('options.json') ?? '{}')
    let plan: ReturnType<typeof planUp>
    try {
      const project = loadText(read('compose.yaml') ?? '')
      const surroundings = await surroundingsOf(project, driver)
      plan = planUp(project, await driver.observe(project.name, NEVER), { ...options, surroundings })
    } catch (error) {
      expect(error).toBeInstanceOf(ComposeError)
      return // The case is about a refusal.
    }
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
    expect(matches(JSON.parse(renderPlanJson(plan))), JSON.stringify(matches.errors)).toBe(true)
  })
})

describe('the world a plan was made on', () => {
  test('is the same when nothing has happened', async () => {
    const { basis, observe } = await world()
    expect(movesSince(basis, await observe(), {})).toEqual([])
  })

  test('has moved on when a container has stopped, gone, come or got another name', async () => {
    const { driver, basis, observe } = await world()
    const { containers } = await observe()
    const idOf = (name: string): string => containers.find((one) => one.containerName === name)?.containerId ?? ''
    await driver.stopContainer(idOf('app-web-1'), {}, NEVER)
    await driver.renameContainer(idOf('app-db-1'), 'other', NEVER)
    expect(movesSince(basis, await observe(), {})).toEqual([
      'container "app-db-1" is called "other"',
      'container "app-web-1" was running and is exited',
    ])
    await driver.removeContainer(idOf('app-web-1'), { anonymousVolumes: false }, NEVER)
    expect(movesSince(basis, await observe(), {})).toContain('container "app-web-1" is gone')
    const empty = basisOf({ containers: [], networks: [], volumes: [] }, {})
    expect(movesSince(empty, await observe(), {})).toEqual([
      'container "other" is new',
      'network "app_default" is new',
      'volume "app_data" is new',
    ])
  })

  test('has moved on when an image is another one, or gone', async () => {
    const { observe } = await world()
    const basis = basisOf(await observe(), { busybox: 'sha256:1', nginx: null })
    const moves = async (images: ImageIds) => movesSince(basis, await observe(), images)
    expect(await moves({ busybox: 'sha256:1' })).toEqual([])
    expect(await moves({ busybox: 'sha256:2', nginx: 'sha256:3' })).toEqual([
      'image "busybox" is another one',
      'image "nginx" is another one',
    ])
  })
})

test('what has to be done first is done before all of the rest', async () => {
  const driver = createFakeDriver({ images: ['busybox'] })
  const project = loadText(text)
  const plan = planUp(project, await driver.observe('app', NEVER), {
    surroundings: await surroundingsOf(project, driver),
  })
  const pull = { id: 1, after: [], because: { reason: 'x' }, kind: 'pull-image', image: 'busybox' } as const
  const joined = joinPlans({ ...plan, steps: [pull] }, plan)
  expect(joined.steps.map(({ id }) => id)).toEqual([1, ...plan.steps.map(({ id }) => id + 1)])
  expect(joined.steps.slice(1).every(({ after }) => after.includes(1))).toBe(true)
  expect(joinPlans({ ...plan, steps: [] }, plan)).toBe(plan)
})
