/**
 * Each folder of test/golden/plan is one case. compose.yaml goes in, expected.txt comes out: the plan as users read it, then its
 * steps. What exists before is what before.yaml made, or observed.json as it stands; options.json holds the options of `up`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ComposeError, type Diagnostic } from '../../src/diagnostic.ts'
import type { Observed } from '../../src/driver/driver.ts'
import type { Project } from '../../src/model/project.ts'
import { planUp } from '../../src/planner/up.ts'
import { renderDiagnostics } from '../../src/view/diagnostics.ts'
import { plainPaint } from '../../src/view/paint.ts'
import { renderPlan } from '../../src/view/plan.ts'
import { NEVER, surroundingsOf, up } from '../support/bring-up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { loadText } from '../support/load-text.ts'
import { stepLines } from '../support/plan-text.ts'

const root = new URL('../golden/plan/', import.meta.url)

for (const name of readdirSync(root)) {
  test(name, async () => {
    const read = (file: string): string | undefined => {
      const path = new URL(`${name}/${file}`, root)
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined
    }
    await expect(await planOrProblems(read)).toMatchFileSnapshot(`../golden/plan/${name}/expected.txt`)
  })
}

async function planOrProblems(read: (file: string) => string | undefined): Promise<string> {
  const driver = createFakeDriver({ images: ['busybox'], program: () => ({ health: ['healthy'] }) })
  const before = read('before.yaml')
  if (before !== undefined) await up(loadText(before), driver)
  try {
    return await planText(loadText(read('compose.yaml') ?? ''), driver, {
      observed: read('observed.json'),
      options: read('options.json'),
    })
  } catch (error) {
    if (error instanceof ComposeError) return render(error.diagnostics)
    throw error
  }
}

async function planText(
  project: Project,
  driver: FakeDriver,
  { observed, options }: { readonly observed: string | undefined; readonly options: string | undefined },
): Promise<string> {
  const world: Observed = observed === undefined ? await driver.observe(project.name, NEVER) : JSON.parse(observed)
  const plan = planUp(project, world, {
    ...JSON.parse(options ?? '{}'),
    surroundings: await surroundingsOf(project, driver),
  })
  return `${render(plan.warnings)}${renderPlan(plan)}\n${stepLines(plan)}\n`
}

function render(diagnostics: readonly Diagnostic[]): string {
  return renderDiagnostics(diagnostics, plainPaint)
}
