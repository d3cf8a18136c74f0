/**
 * Each folder of test/golden/model is one case, seen by the model as /home/dev/NAME. What is printed to the user goes to expected.txt
 * (diagnostics); what loads goes to expected.json and expected.yaml, as `config` prints it. options.json holds the options of loading.
 */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ComposeError, type Diagnostic } from '../../src/diagnostic.ts'
import { loadProject } from '../../src/model/load.ts'
import { renderJson, renderYaml } from '../../src/model/render.ts'
import { renderDiagnostics } from '../../src/view/diagnostics.ts'
import { plainPaint } from '../../src/view/paint.ts'
import { goldenNames, goldenOptions, goldenRoot } from '../support/golden-projects.ts'

for (const name of goldenNames()) {
  test(name, async () => {
    const printed = load(name)
    for (const [file, text] of Object.entries(printed)) {
      if (text !== undefined) await expect(text).toMatchFileSnapshot(`../golden/model/${name}/${file}`)
      else expect(existsSync(new URL(`${name}/${file}`, goldenRoot)), `${file} is not expected any more`).toBe(false)
    }
  })
}

interface Printed {
  readonly 'expected.txt': string | undefined
  readonly 'expected.json': string | undefined
  readonly 'expected.yaml': string | undefined
}

function load(name: string): Printed {
  try {
    const { project, warnings } = loadProject(goldenOptions(name))
    return {
      'expected.txt': warnings.length === 0 ? undefined : render(warnings),
      'expected.json': `${renderJson(project)}\n`,
      'expected.yaml': renderYaml(project),
    }
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error
    return { 'expected.txt': render(error.diagnostics), 'expected.json': undefined, 'expected.yaml': undefined }
  }
}

const render = (diagnostics: readonly Diagnostic[]): string => renderDiagnostics(diagnostics, plainPaint)
