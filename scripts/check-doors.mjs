// Checks that imports only go through the doors between rooms. A cruise that saw nothing, and rules that catch nothing, are failures too.
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import config from '../.dependency-cruiser.mjs'

const folder = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
process.chdir(folder)

const { options, ...ruleSet } = config
const { output } = await cruise(['src'], { ...options, ruleSet, validate: true }, undefined, {
  tsConfig: extractTSConfig('tsconfig.json'),
})
const { violations, totalCruised } = output.summary

for (const { rule, from, to } of violations) {
  const { comment } = ruleSet.forbidden.find((one) => one.name === rule.name) ?? {}
  process.stdout.write(
    `${rule.severity}: ${from} may not import ${to} (${rule.name})${comment ? `\n  ${comment}` : ''}\n`,
  )
}
process.stdout.write(`${totalCruised} modules looked at, ${violations.length} closed doors forced\n`)
process.exitCode = totalCruised === 0 || violations.length > 0 ? 1 : 0
