// Makes the validator and the types from schemas/compose.json and what scripts/types knows, docs/errors.md from examples, and docs/reference and man from the commands. `--check` changes nothing and fails when they are stale.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv/dist/2020.js'
import standaloneCode from 'ajv/dist/standalone/index.js'
import { errorsPage } from './errors/page.mjs'
import { manPages } from './reference/man.mjs'
import { markdownPages } from './reference/markdown.mjs'
import { loadWords } from './reference/words.mjs'
import { canonicalTypes } from './types/canonical.mjs'
import { inputTypes } from './types/input.mjs'

const root = new URL('..', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('schemas/compose.json', root), 'utf8'))
const PROSE = new Set(['description', 'title', '$id', '$schema', 'deprecated', 'format'])
const HEAD = '// Generated from schemas/compose.json by scripts/generate.mjs; do not edit.\n'

/** The verdict only: explain.ts says what is wrong, so messages and the search for every error stay out. */
function validator() {
  const ajv = new Ajv.default({
    strict: false,
    inlineRefs: false,
    validateFormats: false,
    messages: false,
    code: { source: true, esm: true },
  })
  ajv.addSchema(withoutProse(withoutCostlyUniqueness(schema)), 'compose')
  const code = withoutErrors(standaloneCode.default(ajv, { validate: 'compose' }))
  if (code.includes('require(')) throw new Error('the compiled validator needs a helper this script does not know')
  return `${HEAD}${code.replace('"use strict";', '')}\n`
}

/** Nobody reads what the code notes of each error, and every command pays for loading it: a number will do. */
function withoutErrors(code) {
  const literal =
    /\{instancePath(?:[^{}"]|"(?:[^"\\]|\\.)*")*?,schemaPath:(?:[^{}"]|"(?:[^"\\]|\\.)*"|\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})*\}/g
  const brief = code.replace(literal, '0')
  if (brief.includes('schemaPath')) throw new Error('the compiled validator has errors that this script does not know')
  return brief
}

/**
 * Ports and volumes may be mappings, which compiled code compares each with each: minutes for a range of ports. unique.ts has left each of
 * them once when the schema is asked.
 */
function withoutCostlyUniqueness(value) {
  if (Array.isArray(value)) return value.map(withoutCostlyUniqueness)
  if (typeof value !== 'object' || value === null) return value
  const { uniqueItems, ...rest } = value
  const kept = uniqueItems && value.items?.type !== undefined ? { ...rest, uniqueItems } : rest
  return Object.fromEntries(Object.entries(kept).map(([key, inner]) => [key, withoutCostlyUniqueness(inner)]))
}

function withoutProse(value, key) {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item))
  if (typeof value !== 'object' || value === null) return value
  const names = key === 'properties' || key === 'patternProperties' || key === '$defs'
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      !names && PROSE.has(name) ? [] : [[name, withoutProse(inner, name)]],
    ),
  )
}

/** As text: parsed only when a file is wrong. */
function plainSchema() {
  const text = JSON.stringify(withoutProse(schema)).replace(/[\\`$]/g, '\\$&')
  return `${HEAD}export const SCHEMA = \`${text}\`\n`
}

const TYPES_HEAD =
  '// Generated from src/model/shape.ts, schemas/compose.json and scripts/types by scripts/generate.mjs; do not edit.\n'
const folder = fileURLToPath(root)

const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const words = await loadWords()
const FOLDERS = ['docs/reference', 'man']
const outputs = {
  'src/model/schema/validate.js': validator(),
  'src/model/schema/schema.js': plainSchema(),
  'src/model/compose-types.ts': TYPES_HEAD + (await canonicalTypes(schema, folder)),
  'src/model/compose-file.ts': TYPES_HEAD + (await inputTypes(schema, folder)),
  'docs/errors.md': await errorsPage(),
  ...markdownPages(words),
  ...manPages(words, version),
}
const isCheck = process.argv.includes('--check')
const complain = (file) => {
  console.error(`${file} is not what it is made of any more: run npm run gen`)
  process.exitCode = 1
}
/** Of a command that is there no more. */
for (const folder of FOLDERS) {
  if (!isCheck) mkdirSync(new URL(`${folder}/`, root), { recursive: true })
  for (const name of readdirSync(new URL(`${folder}/`, root))) {
    if (`${folder}/${name}` in outputs) continue
    if (isCheck) complain(`${folder}/${name}`)
    else rmSync(new URL(`${folder}/${name}`, root))
  }
}
for (const [file, text] of Object.entries(outputs)) {
  const path = new URL(file, root)
  if (!isCheck) writeFileSync(path, text)
  else if (present(path) !== text) complain(file)
}

function present(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
