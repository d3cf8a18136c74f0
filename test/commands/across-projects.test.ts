// ls, volumes and scale on a driver without a kernel.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import Ls from '../../src/commands/ls.ts'
import Scale from '../../src/commands/scale.ts'
import Stop from '../../src/commands/stop.ts'
import Up from '../../src/commands/up.ts'
import Volumes from '../../src/commands/volumes.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { runCommand } from '../support/run-command.ts'

const shop = `
name: shop
services:
  web: { image: nginx, depends_on: [db] }
  db: { image: mariadb, volumes: ["data:/var/lib/mysql"] }
volumes: { data: {} }
`
const blog = 'name: blog\nservices:\n  site: { image: nginx }\n'

let directory = ''
let driver: FakeDriver
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tsc-lists-'))
  writeFileSync(join(directory, 'shop.yaml'), shop)
  writeFileSync(join(directory, 'blog.yaml'), blog)
  driver = createFakeDriver({ images: ['nginx', 'mariadb'], program: () => ({}) })
  await run(Up, 'shop', '-d')
  await run(Up, 'blog', '-d')
})
afterEach(() => rmSync(directory, { recursive: true }))

const run = (Command: Parameters<typeof runCommand>[0], project: string, ...words: readonly string[]) =>
  runCommand(Command, ['-f', join(directory, `${project}.yaml`), ...words], driver)
const names = () =>
  driver
    .everything()
    .containers.map(({ containerName }) => containerName)
    .sort()

describe('ls', () => {
  const ls = (...words: readonly string[]) => runCommand(Ls, words, driver)

  test('shows each project that runs with the number of its containers and its files', async () => {
    const { stdout } = await ls()
    expect(stdout).toBe(
      'NAME                STATUS              CONFIG FILES\n' +
        `blog                running(1)          ${directory}/blog.yaml\n` +
        `shop                running(2)          ${directory}/shop.yaml\n`,
    )
  })

  test('shows those that have stopped with -a only, and counts each state', async () => {
    await run(Stop, 'blog')
    await run(Stop, 'shop', 'web')
    expect((await ls('-q')).stdout).toBe('shop\n')
    const { stdout } = await ls('-a', '--format', 'json')
    expect(JSON.parse(stdout).map((one: { Status: string }) => one.Status)).toEqual([
      'exited(1)',
      'exited(1), running(1)',
    ])
  })

  test('picks projects by a pattern, and knows no other filter', async () => {
    expect((await ls('-q', '--filter', 'name=^s')).stdout).toBe('shop\n')
    expect(await ls('--filter', 'colour=blue')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("invalid filter 'colour'"),
    })
    expect((await ls('--format', 'yaml')).stderr).toContain('format value "yaml" could not be parsed')
  })
})

describe('volumes', () => {
  test('lists what the project made, or what named services have', async () => {
    expect((await run(Volumes, 'shop')).stdout).toBe('DRIVER    VOLUME NAME\nlocal     shop_data\n')
    expect((await run(Volumes, 'shop', '-q')).stdout).toBe('shop_data\n')
    expect((await run(Volumes, 'shop', '-q', 'web')).stdout).toBe('')
    expect((await run(Volumes, 'shop', '--format', '{{.Name}} {{.Scope}}', 'db')).stdout).toBe('shop_data local\n')
    expect(await run(Volumes, 'shop', 'nobody')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no such service: nobody'),
    })
  })
})

describe('scale', () => {
  test('makes and removes containers, and starts what the service needs', async () => {
    expect((await run(Scale, 'shop', 'web=3')).exitCode).toBe(0)
    expect(names()).toEqual(['blog-site-1', 'shop-db-1', 'shop-web-1', 'shop-web-2', 'shop-web-3'])
    await run(Scale, 'shop', 'web=0', 'db=2')
    expect(names()).toEqual(['blog-site-1', 'shop-db-1', 'shop-db-2'])
  })

  test('leaves the others alone with --no-deps', async () => {
    await run(Scale, 'shop', 'db=0', 'web=0')
    await run(Scale, 'shop', '--no-deps', 'web=1')
    expect(names()).toEqual(['blog-site-1', 'shop-web-1'])
  })

  test.each([
    ['web', 'invalid scale specifier: web'],
    ['web=many', "can't parse replica value as int: web=many"],
    ['nobody=1', 'no such service: nobody'],
  ])('refuses %s', async (operand, message) => {
    const { exitCode, stderr } = await run(Scale, 'shop', operand)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})
