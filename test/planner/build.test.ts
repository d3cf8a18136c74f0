// Which images are built, with what, and what is refused.
import { describe, expect, test } from 'vitest'
import { planBuild, reviewBuild } from '../../src/planner/build.ts'
import type { UpOptions } from '../../src/planner/options.ts'
import { planPull } from '../../src/planner/up-images.ts'
import { planFor, surroundingsOf } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { loadText } from '../support/load-text.ts'
import { stepLines } from '../support/plan-text.ts'

const project = loadText(`
name: app
services:
  web: { build: { context: ., args: { A: "1" } } }
  twin: { image: app-web, build: . }
  other: { image: busybox }
`)

async function firstOf(images: readonly string[], options: Omit<UpOptions, 'surroundings'> = {}, builds = true) {
  const driver = createFakeDriver({ images, builds })
  const observed = { containers: [], networks: [], volumes: [] }
  return stepLines(planPull(project, observed, { ...options, surroundings: await surroundingsOf(project, driver) }))
}

describe('an image', () => {
  test('is built once where it is missing, before anything is made of it', async () => {
    expect(await firstOf(['busybox'])).toBe('#1 build-image app-web (not found)')
    const plan = await planFor(project, createFakeDriver({ images: ['busybox'], builds: true }))
    expect(stepLines(plan)).toMatch(/#(\d+) build-image app-web[\s\S]*create-container app-web-1 .* after [^\n]*#\1\b/)
  })
  test('that is there is built when that is asked for', async () => {
    expect(await firstOf(['busybox', 'app-web'])).toBe('')
    expect(await firstOf(['busybox', 'app-web'], { build: 'always' })).toBe(
      '#1 build-image app-web (building was asked for)',
    )
  })
  test('is not built when that is forbidden, or where nobody can', async () => {
    expect(await firstOf(['busybox'], { build: 'never' })).toBe('')
    expect(await firstOf(['busybox'], {}, false)).toBe('')
    await expect(planFor(project, createFakeDriver({ images: ['busybox'] }))).rejects.toThrow('has to be built')
  })
})

test('a build is asked for with what the service says, and what the command line says in its place', () => {
  const [step] = planBuild(project, { services: ['web'], args: { A: '2', B: null }, noCache: true }).steps
  expect(step?.kind === 'build-image' && step.request).toEqual({
    image: 'app-web',
    tags: [],
    context: '/home/dev',
    dockerfile: 'Dockerfile',
    args: { A: '2', B: null },
    labels: { 'com.docker.compose.project': 'app', 'com.docker.compose.service': 'web' },
    extraHosts: [],
    cacheFrom: [],
    noCache: true,
    pull: false,
  })
})

test.each([
  ['secrets', '{ context: ., secrets: [key] }'],
  ['ssh', '{ context: ., ssh: [default] }'],
  ['additional_contexts', '{ context: ., additional_contexts: { more: ./more } }'],
  ['platforms', '{ context: ., platforms: [linux/amd64, linux/arm64] }'],
])('"%s" of a build is refused where it stands', (field, build) => {
  const loaded = loadText(`services: { web: { build: ${build} } }\nsecrets: { key: { environment: HOME } }\n`)
  const [found, ...more] = reviewBuild(loaded, 'web', loaded.services.web as never)
  expect(found).toMatchObject({ code: 'unsupported', message: expect.stringContaining(`"${field}"`), at: { line: 1 } })
  expect(more).toEqual([])
})
