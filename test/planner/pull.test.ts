// Which images a pull fetches, and when `up` looks again for one that is there.
import { describe, expect, test } from 'vitest'
import { type PullOptions, planServicePulls } from '../../src/planner/pull.ts'
import { readPolicy } from '../../src/planner/pull-policy.ts'
import { imageSourceOf } from '../../src/planner/up-images.ts'
import { surroundingsOf } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { stepLines } from '../support/plan-text.ts'
import { projectOf } from '../support/projects.ts'

const services = {
  a: { image: 'there:1' },
  b: { image: 'there:1' },
  built: { image: 'built:1', build: {} },
  kept: { image: 'there:2', pull_policy: 'missing' },
  missing: { image: 'new:1', pull_policy: 'missing' },
  never: { image: 'never:1', pull_policy: 'never' },
  daily: { image: 'there:3', pull_policy: 'daily' },
}

async function pullOf(options: Omit<PullOptions, 'surroundings'> = {}) {
  const project = projectOf({ services } as never)
  const driver = createFakeDriver({ images: ['there:1', 'there:2', 'there:3'] })
  return planServicePulls(project, { ...options, surroundings: await surroundingsOf(project, driver) })
}

describe('a pull', () => {
  test('fetches each image once, and says why it leaves others alone', async () => {
    const plan = await pullOf()
    expect(stepLines(plan).match(/pull-image \S+/g)).toEqual(
      ['there:1', 'built:1', 'new:1', 'there:3'].map((image) => `pull-image ${image}`),
    )
    expect(plan.passedOver).toEqual([
      { resource: 'b', why: 'Image is already being pulled by a' },
      { resource: 'kept', why: 'Image is already present locally' },
      { resource: 'never' },
    ])
  })

  test("fetches the images of pre_start as well, by the service's policy", async () => {
    const hook = (image: string) => ({ image, command: ['x'] })
    const hooked = {
      web: { image: 'web:1', pre_start: [hook('tool:1'), hook('web:1'), hook('tool:1')] },
      own: { build: { context: '.' }, image: 'own:1', pre_start: [hook('own:1')] },
      kept: { image: 'k:1', pull_policy: 'missing', pre_start: [hook('there:1'), hook('gone:1')] },
      never: { image: 'n:1', pull_policy: 'never', pre_start: [hook('secret:1')] },
    }
    const project = projectOf({ services: hooked } as never)
    const driver = createFakeDriver({ images: ['there:1'] })
    const plan = planServicePulls(project, {
      surroundings: await surroundingsOf(project, driver),
      ignoreBuildable: true,
    })
    expect(plan.steps.map((step) => step.kind === 'pull-image' && step.image)).toEqual([
      'web:1',
      'k:1',
      'tool:1',
      'gone:1',
    ])
  })

  test('leaves out what can be built when told to', async () => {
    const { passedOver } = await pullOf({ ignoreBuildable: true })
    expect(passedOver).toContainEqual({ resource: 'built', why: 'Image can be built' })
  })

  test("follows one policy in place of every service's own", async () => {
    const images = ({ steps }: Awaited<ReturnType<typeof pullOf>>) =>
      steps.flatMap((step) => (step.kind === 'pull-image' ? [step.image] : []))
    expect(images(await pullOf({ policy: 'missing' }))).toEqual(['built:1', 'new:1', 'never:1'])
    expect(images(await pullOf({ policy: 'always' }))).toHaveLength(6)
  })

  test('asks for the platform of the service, or the one of the environment', async () => {
    const project = {
      ...projectOf({ services: { a: { image: 'x', platform: 'linux/arm64' }, b: { image: 'y' } } } as never),
      environment: { DOCKER_DEFAULT_PLATFORM: 'linux/386' },
    }
    const surroundings = await surroundingsOf(project, createFakeDriver())
    expect(planServicePulls(project, { surroundings }).steps).toMatchObject([
      { image: 'x', platform: 'linux/arm64' },
      { image: 'y', platform: 'linux/386' },
    ])
  })
})

describe('a policy', () => {
  test.each([
    ['daily', 24],
    ['weekly', 7 * 24],
    ['every_12h', 12],
    ['every_1d12h', 36],
    ['every_90m', 1.5],
  ])('"%s" is to look again after %d hours', (written, hours) => {
    expect(readPolicy(written)).toEqual({ refreshAfterMs: hours * 3_600_000 })
  })

  test.each([
    [undefined, 'missing'],
    ['if_not_present', 'missing'],
    ['never', 'never'],
    ['build', 'build'],
    ['always', 'always'],
  ])('%s is %s', (written, policy) => {
    expect(readPolicy(written)).toBe(policy)
  })

  test.each([
    ['a young image is taken as it is', 11, 'present'],
    ['an old one is looked for again', 13, 'pull'],
    ['one from the future is looked for again', -1, 'pull'],
  ])('of every_12h: %s', async (_, hours, kind) => {
    const project = projectOf({ services: { web: { image: 'there:1', pull_policy: 'every_12h' } } } as never)
    const surroundings = await surroundingsOf(project, createFakeDriver({ images: ['there:1'] }))
    const image = surroundings.images.get('there:1')
    const checkedAtMs = surroundings.nowMs - hours * 3_600_000
    const images = new Map([['there:1', image && { ...image, checkedAtMs }]])
    expect(imageSourceOf(project, 'web', { surroundings: { ...surroundings, images } }).kind).toBe(kind)
  })
})
