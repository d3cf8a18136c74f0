/**
 * Each folder of test/golden/model is one case, seen by the model as /home/dev/NAME. What is printed to the user goes to expected.txt
 * (diagnostics); what loads goes to expected.json and expected.yaml, as `config` prints it. options.json holds the options of loading.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ComposeError, type Diagnostic } from '../../src/diagnostic.ts'
import { loadProject } from '../../src/model/load.ts'
import { renderJson, renderYaml } from '../../src/model/render.ts'
import type { LoadOptions } from '../../src/model/settings.ts'
import { renderDiagnostics } from '../../src/view/diagnostics.ts'
import { plainPaint } from '../../src/view/paint.ts'
import { folderReader } from '../support/folder-reader.ts'

const root = new URL('../golden/model/', import.meta.url)

for (const name of readdirSync(root)) {
  test(name, async () => {
    const printed = load(name)
    for (const [file, text] of Object.entries(printed)) {
      if (text !== undefined) await expect(text).toMatchFileSnapshot(`../golden/model/${name}/${file}`)
      else expect(existsSync(new URL(`${name}/${file}`, root)), `${file} is not expected any more`).toBe(false)
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
    const { project, warnings } = loadProject(optionsOf(name))
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

function optionsOf(name: string): LoadOptions {
  const folder = new URL(`${name}/`, root)
  const written = new URL('options.json', folder)
  const seenAs = `/home/dev/${name}`
  return {
    files: [],
    profiles: [],
    envFiles: [],
    environment: { HOME: '/home/user' },
    ...(existsSync(written) ? JSON.parse(readFileSync(written, 'utf8')) : {}),
    workingDir: seenAs,
    reader: folderReader(fileURLToPath(folder).replace(/\/$/, ''), seenAs),
  }
}

const render = (diagnostics: readonly Diagnostic[]): string => renderDiagnostics(diagnostics, plainPaint)
