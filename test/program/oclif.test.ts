// The commands are oclif's in earnest: its loader finds them through package.json and the manifest, and its own machinery runs them.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Config } from '@oclif/core'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { COMMANDS, FORMER_NAMES } from '../../src/cli/commands.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('oclif knows every command from the manifest', async () => {
  const config = await Config.load({ root })
  expect(config.commandIDs.sort()).toEqual(Object.keys({ ...COMMANDS, ...FORMER_NAMES }).sort())
  expect(config.findCommand('up')?.flags.detach).toMatchObject({ char: 'd', type: 'boolean' })
  expect(config.findCommand('up')?.flags.file).toMatchObject({ char: 'f', multiple: true })
})

test('oclif runs a command as the launcher does', () => {
  const script = `
    import { Config } from '@oclif/core'
    const config = await Config.load({ root: ${JSON.stringify(root)} })
    await config.runCommand('version', ['--short'])`
  const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stdout).toBe(`${packageJson.version}\n`)
})
