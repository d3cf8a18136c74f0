// Runs the examples: the real commands, on files in a directory of their own and a driver without a kernel.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bundled } from '../bundled.mjs'

const SOURCES = `
  export { COMMANDS } from './src/cli/commands.ts'
  export { findInvocation } from './src/cli/invocation.ts'
  export { createFakeDriver } from './test/support/fake-driver.ts'
  export { runCommand } from './test/support/run-command.ts'`

/** What each example prints on stderr, in their order. */
export async function runExamples(examples) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tscompose-errors-')))
  const before = { cwd: process.cwd(), env: { ...process.env } }
  try {
    const program = await bundled(SOURCES, join(folder, 'program.mjs'))
    const printed = []
    for (const example of examples) printed.push(await run(example, { program, project: join(folder, 'project') }))
    return printed
  } finally {
    process.chdir(before.cwd)
    replaceEnvironment(before.env)
    rmSync(folder, { recursive: true })
  }
}

async function run({ files = {}, words = ['config'], env = {}, world = {} }, { program, project }) {
  rmSync(project, { recursive: true, force: true })
  mkdirSync(project)
  process.chdir(project)
  replaceEnvironment({ HOME: '/home/you', NO_COLOR: '1', ...env })
  const driver = await inhabited(world, program)
  for (const [name, file] of Object.entries(files)) put(name, file)
  const { stderr } = await command(words, program, driver)
  return stderr.replaceAll(project, '/project')
}

/** A driver with what the example says is there. */
async function inhabited({ images, volumes = [], before, paused, exit = {} }, program) {
  const driver = program.createFakeDriver({
    images: images ?? ['nginx', 'mariadb', 'wireguard', 'migrate'],
    program: ({ containerName }) => (containerName in exit ? { exitCode: exit[containerName] } : {}),
  })
  for (const volumeName of volumes) driver.addVolume({ volumeName, driver: 'local', labels: {} })
  if (before !== undefined) {
    writeFileSync('compose.yaml', before)
    await command(['up', '-d'], program, driver)
    rmSync('compose.yaml')
  }
  return paused === undefined ? driver : withPaused(driver, paused)
}

/** Nothing can pause a container yet, but somebody else may have. */
function withPaused(driver, containerName) {
  const observe = driver.observe.bind(driver)
  driver.observe = async (...asked) => {
    const observed = await observe(...asked)
    const containers = observed.containers.map((one) =>
      one.containerName === containerName ? { ...one, status: 'paused' } : one,
    )
    return { ...observed, containers }
  }
  return driver
}

async function command(words, { COMMANDS, findInvocation, runCommand }, driver) {
  const { id, words: own } = findInvocation(words, Object.keys(COMMANDS))
  const { default: Command } = await COMMANDS[id]()
  return await runCommand(Command, own, driver)
}

function put(name, file) {
  mkdirSync(dirname(name), { recursive: true })
  if (typeof file === 'string') writeFileSync(name, file)
  else if (file.link !== undefined) symlinkSync(file.link, name)
  else if (file.repeat !== undefined) writeFileSync(name, manyOf(file))
  else writeFileSync(name, Buffer.from(file.base64, 'base64'))
}

/** `#` is the number of the line. */
function manyOf({ head = '', repeat, times }) {
  return head + Array.from({ length: times }, (_, at) => repeat.replaceAll('#', at)).join('')
}

function replaceEnvironment(environment) {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, environment)
}
