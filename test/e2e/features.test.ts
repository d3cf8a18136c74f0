// The plain form of what ordinary projects use: mounts, secrets, health, limits, users, scale, volumes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mustRun, tscompose, writeProject } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

describe.runIf(privileged)('what ordinary projects use', () => {
  useImages('busybox', 'redis', 'postgres')
  const here = useFolder({}, (here) => mustRun(['down', '-v', '-t', '1'], here))

  async function up(files: Readonly<Record<string, string>>): Promise<void> {
    writeProject(here.cwd, files)
    await mustRun(['up', '-d', '--wait'], { ...here, timeoutMs: 120_000 })
  }
  const inside = async (service: string, line: string) =>
    (await tscompose(['exec', '-T', service, 'sh', '-c', line], here)).stdout

  test('bind mounts, tmpfs, env_file, secrets and configs', async () => {
    await up({
      'compose.yaml': `
name: mounts
services:
  app:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    env_file: app.env
    volumes:
      - ./data:/data
      - ./data:/read-only:ro
      - { type: bind, source: ./data/one, target: /long/one, read_only: true }
    tmpfs: [/scratch]
    secrets: [token]
    configs: [{ source: settings, target: /etc/settings.conf }]
secrets: { token: { file: ./token.txt } }
configs: { settings: { file: ./settings.conf } }
`,
      'app.env': 'FROM_FILE="a value"\n',
      'data/one': 'first\n',
      'token.txt': 'hush\n',
      'settings.conf': 'x = 1\n',
    })
    expect(
      await inside('app', 'cat /data/one /long/one; echo $FROM_FILE; cat /run/secrets/token /etc/settings.conf'),
    ).toBe('first\nfirst\na value\nhush\nx = 1\n')
    await inside('app', 'echo second > /data/two; echo no > /read-only/three; echo no > /long/one')
    expect(readFileSync(join(here.cwd, 'data/two'), 'utf8')).toBe('second\n')
    expect(await inside('app', 'ls /read-only; cat /long/one; stat -f -c %T /scratch')).toBe('one\ntwo\nfirst\ntmpfs\n')
  })

  test('a dependent waits until redis is healthy', async () => {
    await up({
      'compose.yaml': `
name: health
services:
  cache:
    image: redis
    healthcheck: { test: ["CMD", "redis-cli", "ping"], interval: 200ms, timeout: 2s, retries: 20 }
  app:
    image: redis
    depends_on: { cache: { condition: service_healthy } }
    command: ["sh", "-c", "redis-cli -h cache set greeting hello; exec sleep 1000"]
    stop_grace_period: 0s
`,
    })
    expect((await mustRun(['ps', 'cache'], here)).stdout).toMatch(/Up .*\(healthy\)/)
    expect(await inside('cache', 'redis-cli get greeting')).toContain('hello')
  })

  test('postgres keeps its data in a named volume, which down -v removes', async () => {
    const compose = `
name: pg
services:
  db:
    image: postgres
    environment: { POSTGRES_PASSWORD: secret }
    volumes: [data:/var/lib/postgresql/data]
    healthcheck: { test: ["CMD-SHELL", "pg_isready -U postgres -h 127.0.0.1"], interval: 300ms, retries: 100 }
volumes: { data: {} }
`
    await up({ 'compose.yaml': compose })
    await inside('db', "psql -U postgres -c 'create table kept (x int); insert into kept values (42)'")
    await mustRun(['down'], here)
    await up({ 'compose.yaml': compose })
    expect(await inside('db', "psql -U postgres -Atc 'select x from kept'")).toBe('42\n')
    await mustRun(['down', '-v'], here)
    await up({ 'compose.yaml': compose })
    expect(await inside('db', "psql -U postgres -Atc 'select x from kept' 2>&1")).toContain('does not exist')
  })

  test('user, working_dir, entrypoint, limits and scale', async () => {
    await up({
      'compose.yaml': `
name: plain
services:
  app:
    image: busybox
    user: "1234:5678"
    working_dir: /some/where
    entrypoint: ["sh", "-c"]
    command: ["echo from $$0 $$1; exec sleep 1000", "zero", "one"]
    mem_limit: 64m
    cpus: 0.5
    scale: 3
    stop_grace_period: 0s
`,
    })
    expect((await mustRun(['ps', '-q', 'app'], here)).stdout.trim().split('\n')).toHaveLength(3)
    expect(await inside('app', 'id -u; id -g; pwd')).toBe('1234\n5678\n/some/where\n')
    expect((await mustRun(['logs', '--index', '2', 'app'], here)).stdout).toMatch(/app-2 +\| from zero one/)
    expect(
      await inside(
        'app',
        'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max',
      ),
    ).toBe('67108864\n')
  })

  test('a named volume is filled from the image once, owner and mode kept', async () => {
    await up({
      'compose.yaml': `
name: fill
services:
  app: { image: redis, command: sleep 1000, volumes: [lib:/var/lib/redis, etc:/etc/redis], stop_grace_period: 0s }
volumes: { lib: {}, etc: {} }
`,
    })
    const fresh = await mustRun(
      ['exec', '-T', 'app', 'stat', '-c', '%U %a', '/var/lib/redis', '/etc/redis', '/etc/redis/redis.conf'],
      here,
    )
    expect(fresh.stdout).toMatch(/^redis 75\d\n/)
    await inside('app', 'echo mine > /etc/redis/redis.conf')
    await mustRun(['down'], here)
    await mustRun(['up', '-d'], here)
    expect(await inside('app', 'cat /etc/redis/redis.conf')).toBe('mine\n')
  })
})
