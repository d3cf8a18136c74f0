// Makes src/model/schema/schema.js from schemas/compose.json. `--check` changes nothing and fails when they are stale.
import { readFileSync, writeFileSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('schemas/compose.json', root), 'utf8'))
const HEAD = '// Generated from schemas/compose.json by scripts/generate.mjs; do not edit.\n'

/** The schema without prose, as text, which costs nothing until it is asked for. */
function plainSchema() {
  const prose = new Set(['description', 'title', '$id', '$schema', 'deprecated', 'format'])
  const strip = (value, key) => {
    if (Array.isArray(value)) return value.map((item) => strip(item))
    if (typeof value !== 'object' || value === null) return value
    const names = key === 'properties' || key === 'patternProperties' || key === '$defs'
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => (!names && prose.has(name) ? [] : [[name, strip(inner, name)]])),
    )
  }
  const text = JSON.stringify(strip(schema)).replace(/[\\`$]/g, '\\$&')
  return `${HEAD}export const SCHEMA = \`${text}\`\n`
}

const outputs = { 'src/model/schema/schema.js': plainSchema() }
for (const [file, text] of Object.entries(outputs)) {
  const path = new URL(file, root)
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${file} is not what schemas/compose.json makes: run npm run gen`)
    process.exitCode = 1
  }
}
