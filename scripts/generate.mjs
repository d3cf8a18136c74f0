// Makes the schema we ship and the types from schemas/compose.json and what scripts/types knows, docs/errors.md from examples, and docs/reference and man from the commands. `--check` changes nothing and fails when they are stale.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
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

/** As text: V8 parses JSON faster than it loads an object. */
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
