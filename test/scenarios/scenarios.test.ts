// Docker Compose's own end-to-end scenarios in words of our own, for every subject from the same files: SUBJECT=docker-compose tells what is
// right, and SUBJECT=tscompose, which is what runs without being asked for another, must do the same.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeSnapshot } from '../support/leaks.ts'
import { play } from './support/play.ts'
import { isEqual, readScenarios } from './support/scenario.ts'
import { subjectNamed } from './support/subjects.ts'

const scenarios = readScenarios(import.meta.dirname)
const subject = subjectNamed(process.env.SUBJECT || 'tscompose')
const own = subject.name !== 'docker-compose'
if (subject.missing !== undefined) console.warn(`the scenarios are skipped: ${subject.missing}`)

test('there are at least 60 scenarios, and at least 95 % of them are equal', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(60)
  expect(scenarios.filter(isEqual).length / scenarios.length).toBeGreaterThanOrEqual(0.95)
})

test('every scenario has a name of its own', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length)
})

describe.runIf(subject.missing === undefined)(`played by ${subject.name}`, { concurrent: true }, () => {
  let programs = ''
  let before: Awaited<ReturnType<typeof takeSnapshot>>
  let end = async () => {}

  beforeAll(async () => {
    programs = mkdtempSync(join(tmpdir(), 'scenario-programs-'))
    end = await subject.prepare(programs)
    before = await takeSnapshot()
  })
  afterAll(async () => {
    const after = await takeSnapshot()
    await end()
    rmSync(programs, { recursive: true })
    // A Docker daemon has bridges of its own, and other guests.
    if (subject.name === 'tscompose') expect(after).toEqual(before)
  })

  for (const scenario of scenarios) {
    // What is missing must go on failing until its mark is taken away.
    const must = own && scenario.missing !== undefined ? test.fails : test
    must(`${scenario.theme}, ${scenario.name}: ${scenario.intent}`, () => play(scenario, { programs, own }))
  }
})
