/** What a driver promises about the programs in its containers: output, exit codes, files, users, names, ports, health. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ContainerSpec, type ExecSpec, type ExecStreams, LABEL, type LogOptions } from '../../src/driver/driver.ts'
import { type Bench, type DriverSubject, LABELS, refusal, useBench } from './subject.ts'

export function describeProgramContract(name: string, makeSubject: () => Promise<DriverSubject>): void {
  describe(`programs in containers of the ${name} driver`, () => {
    describePrograms(makeSubject)
    describeExec(makeSubject)
    describeAttach(makeSubject)
    describeStartAttached(makeSubject)
    describeFiles(makeSubject)
    describeNetworking(makeSubject)
    describeHealth(makeSubject)
  })
}

function sh(script: string): Partial<ContainerSpec> {
  return { entrypoint: ['sh', '-c', script], command: [] }
}

/** What the program wrote until it ended, and the code it ended with. */
async function runToEnd(
  bench: Bench,
  changes: Partial<ContainerSpec>,
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const containerId = await bench.run(changes)
  const { stdout, stderr } = await logs(bench, containerId, { follow: true })
  const { exitCode } = await bench.until(containerId, (one) => one.status === 'exited')
  await bench.driver.removeContainer(containerId, { anonymousVolumes: true }, bench.signal)
  return { stdout, stderr, exitCode }
}

async function logs(
  bench: Bench,
  containerId: string,
  options: LogOptions,
): Promise<{ stdout: string; stderr: string }> {
  const texts = { stdout: '', stderr: '' }
  for await (const { stream, data } of bench.driver.readLogs(containerId, options, bench.signal))
    texts[stream] += Buffer.from(data).toString('utf8')
  return texts
}

function describePrograms(makeSubject: () => Promise<DriverSubject>): void {
  describe('a program', () => {
    const bench = useBench(makeSubject)

    test('has its output in the log, by stream, and its exit code in the state', async () => {
      expect(await runToEnd(bench, sh('echo out; echo err >&2; exit 3'))).toEqual({
        stdout: 'out\n',
        stderr: 'err\n',
        exitCode: 3,
      })
    })
    test('sees its arguments, environment, directory, user and host name as asked for', async () => {
      const { stdout } = await runToEnd(bench, {
        ...sh('echo "$A $PWD $(id -u):$(id -g) $(hostname) $$ $HOME"'),
        environment: ['A=a b'],
        workingDir: '/tmp',
        user: 'www-data:50',
        hostname: 'web',
      })
      expect(stdout).toBe('a b /tmp 33:50 web 1 /tmp\n')
    })
    test("has Docker's capabilities and none of the host's processes", async () => {
      const { stdout } = await runToEnd(
        bench,
        sh('grep -E "Cap(Eff|Inh)" /proc/self/status; ls /proc | grep -c "^[0-9]"'),
      )
      expect(stdout).toMatch(/^CapInh:\s*0{16}\nCapEff:\s*00000000a80425fb\n[1-4]\n$/)
    })
    test('that is not in the image is an error of its own, and can be corrected by nothing but another container', async () => {
      const containerId = await bench.create({ command: ['/no/such/program'] })
      await refusal('executable-not-found', bench.driver.startContainer(containerId, bench.signal))
      expect(await bench.inspect(containerId)).toMatchObject({ exitCode: 127 })
    })
    test('that may not be executed is an error of its own', async () => {
      const containerId = await bench.create({ command: ['/seed/file'] })
      await refusal('executable-denied', bench.driver.startContainer(containerId, bench.signal))
    })
    test('is asked to stop by its signal before it is killed', async () => {
      const polite = await bench.run({
        ...sh('trap "exit 7" USR1; echo up; while :; do sleep 0.05; done'),
        stopSignal: 'SIGUSR1',
        stopGraceMs: 10_000,
      })
      await untilLogged(bench, polite, 'up')
      expect(await bench.driver.stopContainer(polite, {}, bench.signal)).toBe(7)
      await bench.driver.removeContainer(polite, { anonymousVolumes: true }, bench.signal)
      const deaf = await bench.run(sh('trap "" TERM; echo up; while :; do sleep 0.05; done'))
      await untilLogged(bench, deaf, 'up')
      expect(await bench.driver.stopContainer(deaf, { timeoutMs: 100 }, bench.signal)).toBe(137)
    })
    test('that fails is started again as often as its policy says', async () => {
      const containerId = await bench.run({ ...sh('exit 5'), restart: { kind: 'on-failure', maxRetries: 2 } })
      expect(await bench.until(containerId, (one) => one.status === 'exited')).toMatchObject({
        exitCode: 5,
        restartCount: 2,
      })
    })
    test('that was stopped is not started again by any policy', async () => {
      const containerId = await bench.run({ restart: { kind: 'always', maxRetries: 0 } })
      await bench.driver.stopContainer(containerId, { timeoutMs: 0 }, bench.signal)
      expect((await bench.inspect(containerId)).status).toBe('exited')
    })
    test('shows the last lines of its log first when asked for a tail', async () => {
      const containerId = await bench.run(sh('for i in 1 2 3 4; do echo $i; done'))
      await bench.until(containerId, (one) => one.status === 'exited')
      expect((await logs(bench, containerId, { follow: false, tail: 2 })).stdout).toBe('3\n4\n')
    })
  })
}

/** Ends the reading as soon as the text is there. */
async function untilLogged(bench: Bench, containerId: string, text: string): Promise<void> {
  for await (const { data } of bench.driver.readLogs(containerId, { follow: true }, bench.signal)) {
    if (Buffer.from(data).toString('utf8').includes(text)) return
  }
  expect.fail(`"${text}" was never written`)
}

async function exec(
  bench: Bench,
  containerId: string,
  changes: Partial<ExecSpec>,
  input?: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const spec = {
    argv: ['true'],
    environment: [],
    tty: false,
    stdin: input !== undefined,
    privileged: false,
    detach: false,
    ...changes,
  }
  const texts = { stdout: '', stderr: '' }
  async function* stdin(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(input ?? '')
  }
  const code = await bench.driver.exec(
    containerId,
    spec,
    {
      stdout: (data) => {
        texts.stdout += Buffer.from(data).toString('utf8')
      },
      stderr: (data) => {
        texts.stderr += Buffer.from(data).toString('utf8')
      },
      ...(input === undefined ? {} : { stdin: stdin() }),
    },
    bench.signal,
  )
  return { code, ...texts }
}

function describeExec(makeSubject: () => Promise<DriverSubject>): void {
  describe('exec', () => {
    const bench = useBench(makeSubject)

    test('gives the output by stream, and the exit code', async () => {
      const containerId = await bench.run()
      const argv = ['sh', '-c', 'echo out; echo err >&2; exit 4']
      expect(await exec(bench, containerId, { argv })).toEqual({ code: 4, stdout: 'out\n', stderr: 'err\n' })
    })
    test('passes what comes in to the end, however much', async () => {
      const containerId = await bench.run()
      const input = 'x'.repeat(1_000_000)
      expect(await exec(bench, containerId, { argv: ['wc', '-c'] }, input)).toMatchObject({
        code: 0,
        stdout: '1000000\n',
      })
    })
    test("runs as the container's user in its directory, unless told otherwise", async () => {
      const containerId = await bench.run({ user: '33', workingDir: '/tmp', environment: ['A=1'] })
      const argv = ['sh', '-c', 'echo "$(id -u) $PWD $A"']
      expect((await exec(bench, containerId, { argv })).stdout).toBe('33 /tmp 1\n')
      expect((await exec(bench, containerId, { argv, user: '0', workingDir: '/', environment: ['A=2'] })).stdout).toBe(
        '0 / 2\n',
      )
    })
    test('answers 127 for a program that is not there, with the reason', async () => {
      const containerId = await bench.run()
      const { code, stderr } = await exec(bench, containerId, { argv: ['no-such-program'] })
      expect([code, stderr]).toEqual([127, expect.stringContaining('no-such-program')])
    })
    test('with a terminal has one', async () => {
      const containerId = await bench.run()
      expect(
        await exec(bench, containerId, { argv: ['sh', '-c', 'test -t 0 && test -t 1 && echo yes'], tty: true }),
      ).toMatchObject({ code: 0, stdout: 'yes\r\n' })
    })
    test('needs a container that runs', async () => {
      await refusal('container-not-running', exec(bench, await bench.create(), {}))
    })
    test('as a user that is not there is an error of its own', async () => {
      await refusal('user-unknown', exec(bench, await bench.run(), { user: 'nobody-here' }))
    })
  })
}

function describeStartAttached(makeSubject: () => Promise<DriverSubject>): void {
  describe('starting attached', () => {
    const bench = useBench(makeSubject)
    async function* typing(...lines: readonly string[]): AsyncGenerator<Uint8Array> {
      for (const line of lines) yield Buffer.from(line)
    }
    interface Heard {
      readonly code: number
      readonly stdout: string
      readonly stderr: string
    }
    async function hear(spec: Partial<ContainerSpec>, streams: Partial<ExecStreams> = {}): Promise<Heard> {
      const containerId = await bench.create(spec)
      const heard = { stdout: '', stderr: '' }
      const into = (stream: 'stdout' | 'stderr') => (data: Uint8Array) => {
        heard[stream] += Buffer.from(data).toString('utf8')
      }
      const ends = { stdout: into('stdout'), stderr: into('stderr'), ...streams }
      return { code: await bench.driver.startAttached(containerId, ends, bench.signal), ...heard }
    }

    test('hears all of a program that ends at once, each stream apart, and its exit code', async () => {
      expect(await hear(sh('echo out; echo err >&2; exit 3'))).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' })
    })
    test('ends the input of the program with the input of the caller', async () => {
      const labels = { ...LABELS, [LABEL.oneoff]: 'True' }
      const spec = { ...sh('cat; echo over'), stdinOpen: true, labels }
      const heard = await hear(spec, { stdin: typing('one\n', 'two\n') })
      expect(heard).toEqual({ code: 0, stdout: 'one\ntwo\nover\n', stderr: '' })
    })
    test('has a terminal that measures what it should from the start', async () => {
      // A daemon takes the size of a program that runs, and not before.
      if (bench.driver.kind === 'docker') return
      const heard = await hear({ ...sh('stty size'), tty: true }, { terminalSize: { rows: 33, columns: 101 } })
      expect(heard.stdout).toBe('33 101\r\n')
    })
    test('loses nothing of ten megabytes, however slowly they are read', async () => {
      let count = 0
      const stdout = (data: Uint8Array): void => {
        count += data.length
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      }
      const { code } = await hear(sh('head -c 10000000 /dev/zero'), { stdout })
      expect([code, count]).toEqual([0, 10_000_000])
    })
    test('passes signals on', async () => {
      let send = (_name: string): void => {}
      const onSignaller = (sender: (name: string) => void): void => {
        send = sender
      }
      const stdout = (): void => send('SIGUSR1')
      const heard = await hear(sh('trap "exit 9" USR1; echo up; while :; do sleep 0.05; done'), { onSignaller, stdout })
      expect(heard.code).toBe(9)
    })
    test('says what keeps it from running, and refuses one that runs', async () => {
      await refusal('executable-not-found', hear({ entrypoint: ['/no/such/program'] }))
      const containerId = await bench.run({ ...sh('sleep 100'), containerName: 'app-runs-1' })
      const silent = { stdout: () => {}, stderr: () => {} }
      await refusal('refused', bench.driver.startAttached(containerId, silent, bench.signal))
    })
  })
}

function describeAttach(makeSubject: () => Promise<DriverSubject>): void {
  describe('attach', () => {
    const bench = useBench(makeSubject)
    async function* typing(...lines: readonly string[]): AsyncGenerator<Uint8Array> {
      for (const line of lines) yield Buffer.from(line)
    }
    /** Everything it heard, and how it ended. */
    async function listen(containerId: string, streams: Partial<ExecStreams>): Promise<{ code: number; text: string }> {
      let text = ''
      const take = (data: Uint8Array): void => {
        text += Buffer.from(data).toString('utf8')
      }
      const code = await bench.driver.attach(containerId, { stdout: take, stderr: take, ...streams }, bench.signal)
      return { code, text }
    }

    test('talks with the program and ends with its exit code', async () => {
      const containerId = await bench.run({
        ...sh('while read line; do echo "got $line"; test "$line" = end && exit 5; done'),
        stdinOpen: true,
      })
      expect(await listen(containerId, { stdin: typing('one\n', 'end\n') })).toEqual({
        code: 5,
        text: 'got one\ngot end\n',
      })
    })
    test('leaves the input open for the next one', async () => {
      const containerId = await bench.run({ ...sh('read line; echo "got $line"; exit 6'), stdinOpen: true })
      const first = new AbortController()
      const leaving = bench.driver.attach(
        containerId,
        { stdout: () => {}, stderr: () => {}, stdin: typing() },
        first.signal,
      )
      setTimeout(() => first.abort(), 100)
      await refusal('cancelled', leaving)
      expect(await listen(containerId, { stdin: typing('two\n') })).toEqual({ code: 6, text: 'got two\n' })
    })
    test('passes signals and the size of the terminal on', async () => {
      const containerId = await bench.run({
        ...sh('trap "exit 9" USR1; echo up; read line; stty size; while :; do sleep 0.05; done'),
        tty: true,
        stdinOpen: true,
      })
      await untilLogged(bench, containerId, 'up')
      let send = (_name: string): void => {}
      const onResizer = (resize: (rows: number, columns: number) => void): void => resize(33, 77)
      const onSignaller = (sender: (name: string) => void): void => {
        send = sender
      }
      let text = ''
      const stdout = (data: Uint8Array): void => {
        text += Buffer.from(data).toString('utf8')
        if (text.includes('33 77')) send('SIGUSR1')
      }
      expect((await listen(containerId, { stdout, onResizer, onSignaller, stdin: typing('go\n') })).code).toBe(9)
    })
    test('needs a container that runs', async () => {
      await refusal('container-not-running', listen(await bench.create(), {}))
    })
  })
}

function describeFiles(makeSubject: () => Promise<DriverSubject>): void {
  describe('files', () => {
    const bench = useBench(makeSubject)
    const volume = {
      kind: 'volume',
      volumeName: 'contract_data',
      target: '/seed',
      readOnly: false,
      noCopy: false,
    } as const

    test('of a volume come from the image at first, with their owners, and outlive the container', async () => {
      await bench.driver.createVolume(
        { volumeName: volume.volumeName, driver: 'local', driverOptions: {}, labels: LABELS },
        bench.signal,
      )
      const first = await runToEnd(bench, {
        ...sh('stat -c "%u:%g" /seed/file; cat /seed/file; echo changed > /seed/file'),
        mounts: [volume],
      })
      expect(first.stdout).toBe('33:33\nseed\n')
      expect((await runToEnd(bench, { ...sh('cat /seed/file'), mounts: [volume] })).stdout).toBe('changed\n')
    })
    test("of the host are seen where they are mounted, and can't be written when that is forbidden", async () => {
      const directory = mkdtempSync(join(tmpdir(), 'tscompose-bind-'))
      try {
        writeFileSync(join(directory, 'file'), 'host\n')
        const mount = {
          kind: 'bind',
          source: directory,
          target: '/host',
          readOnly: true,
          createHostPath: false,
        } as const
        const { stdout, exitCode } = await runToEnd(bench, {
          ...sh('cat /host/file; echo x > /host/file'),
          mounts: [mount],
        })
        expect([stdout, exitCode]).toEqual(['host\n', 1])
      } finally {
        rmSync(directory, { recursive: true })
      }
    })
    test('of the host that are missing are an error before anything is made', async () => {
      const mount = {
        kind: 'bind',
        source: '/no/such/directory',
        target: '/host',
        readOnly: true,
        createHostPath: false,
      } as const
      expect((await refusal('mount-source-missing', bench.create({ mounts: [mount] }))).message).toContain(
        '"/no/such/directory"',
      )
      await bench.create()
    })
    test('with given content have it, with their mode', async () => {
      const mount = { kind: 'content', content: 'secret\n', target: '/run/secrets/key', mode: 0o440 } as const
      expect(
        (await runToEnd(bench, { ...sh('cat /run/secrets/key; stat -c %a /run/secrets/key'), mounts: [mount] })).stdout,
      ).toBe('secret\n440\n')
    })
    test("can't be written in a read-only container, except on a tmpfs", async () => {
      const mount = { kind: 'tmpfs', target: '/scratch', sizeBytes: 1 << 20 } as const
      const script = 'echo x > /scratch/file && echo scratch; echo x > /file || echo refused'
      expect((await runToEnd(bench, { ...sh(script), readOnly: true, mounts: [mount] })).stdout).toBe(
        'scratch\nrefused\n',
      )
    })
  })
}

function describeNetworking(makeSubject: () => Promise<DriverSubject>): void {
  describe('networking', () => {
    const bench = useBench(makeSubject)
    const on = (networkName: string, ...aliases: readonly string[]): Partial<ContainerSpec> => ({
      networkMode: { kind: 'networks', endpoints: [{ networkName, aliases }] },
    })
    const serve = sh('while :; do echo hello | nc -l -p 8000; done')

    test('lets containers find each other by service, alias and container name', async () => {
      const networkName = await bench.network()
      await bench.run({ ...on(networkName, 'web', 'site'), ...serve })
      for (const host of ['web', 'site', 'app-web-1']) {
        const client = sh(
          `for i in 1 2 3 4 5 6 7 8 9 10; do nc ${host} 8000 </dev/null && exit; sleep 0.1; done; exit 1`,
        )
        const answer = await runToEnd(bench, { ...on(networkName, 'client'), containerName: 'app-client-1', ...client })
        expect([host, answer.stdout]).toEqual([host, 'hello\n'])
      }
    })
    test('shares the network of another container when asked to', async () => {
      const owner = await bench.run({ ...on(await bench.network()), hostname: 'owner', ...serve })
      const client = sh(
        'for i in 1 2 3 4 5 6 7 8 9 10; do nc 127.0.0.1 8000 </dev/null && break; sleep 0.1; done; hostname',
      )
      const networkMode = { kind: 'container', containerId: owner } as const
      const { stdout } = await runToEnd(bench, { ...client, containerName: 'app-client-1', networkMode })
      expect(stdout).toBe('hello\nowner\n')
      await bench.driver.stopContainer(owner, {}, bench.signal)
      const late = await bench.create({ containerName: 'app-late-1', networkMode })
      await refusal('container-not-running', bench.driver.startContainer(late, bench.signal))
    })
    test('publishes ports on the host', async () => {
      const networkName = await bench.network()
      const port = { hostIp: '127.0.0.1', published: { start: 0, end: 0 }, target: 8000, protocol: 'tcp' } as const
      const containerId = await bench.run({ ...on(networkName), ports: [port], ...serve })
      const [{ published, target, hostIp } = expect.fail('a port is published')] = (await bench.inspect(containerId))
        .ports
      expect([target, hostIp]).toEqual([8000, '127.0.0.1'])
      expect(await hello(published)).toBe('hello\n')
    })
    test('refuses a port that is taken, names it, and leaves nothing running', async () => {
      const networkName = await bench.network()
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as { readonly port: number }
      try {
        const taken = {
          hostIp: '127.0.0.1',
          published: { start: port, end: port },
          target: 80,
          protocol: 'tcp',
        } as const
        const containerId = await bench.create({ ...on(networkName), ports: [taken] })
        const error = await refusal('port-taken', bench.driver.startContainer(containerId, bench.signal))
        expect(error.message).toContain(String(port))
        expect((await bench.inspect(containerId)).status).toBe('created')
      } finally {
        server.close()
      }
    })
  })
}

/** The listener inside may be between two of its connections. */
async function hello(port: number): Promise<string> {
  for (let round = 0; round < 20; round += 1) {
    const text = await ask(port).catch(() => '')
    if (text !== '') return text
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return expect.fail(`nobody answers on port ${port}`)
}

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    socket.once('error', reject).once('close', () => resolve(text))
  })
}

function describeHealth(makeSubject: () => Promise<DriverSubject>): void {
  describe('health', () => {
    const bench = useBench(makeSubject)

    test('is found by a connection or an answer, without a program in the image', async () => {
      if (bench.driver.kind === 'docker') {
        // Who is asked can't do it, and is not left to find out.
        await refusal('unsupported', bench.create({ healthcheck: { test: ['TCP', '8000'] } }))
        return
      }
      const networkName = await bench.network()
      const networkMode = { kind: 'networks', endpoints: [{ networkName, aliases: [] }] } as const
      const answer = (status: string): Partial<ContainerSpec> => ({
        ...sh(`while :; do printf 'HTTP/1.1 ${status}\\r\\n\\r\\n' | nc -l -p 8000 -w 1; done`),
        networkMode,
      })
      const check = (...test: readonly string[]) => ({ healthcheck: { test, intervalMs: 100, retries: 3 } })
      const healthOf = async (changes: Partial<ContainerSpec>, index: number): Promise<string | undefined> => {
        const containerId = await bench.run({ ...changes, containerName: `app-web-${index}` })
        return (await bench.until(containerId, (one) => one.health !== 'starting')).health
      }
      const http = check('HTTP', 'http://localhost:8000/health?deep=1')
      expect(await healthOf({ ...answer('200 OK'), ...check('TCP', '8000') }, 1)).toBe('healthy')
      expect(await healthOf({ ...answer('204 No Content'), ...http }, 2)).toBe('healthy')
      expect(await healthOf({ ...answer('503 Busy'), ...http }, 3)).toBe('unhealthy')
      expect(await healthOf({ ...sh('sleep 100'), ...check('TCP', '8000'), networkMode }, 4)).toBe('unhealthy')
      // Nothing of it is seen from the host's network.
      expect(await healthOf({ ...sh('sleep 100'), ...check('TCP', '127.0.0.1:8000') }, 5)).toBe('unhealthy')
    })
    test('is pushed when it changes', async () => {
      const healthcheck = { test: ['CMD-SHELL', 'test -e /ready'], intervalMs: 50, retries: 2 }
      const containerId = await bench.run({ healthcheck })
      expect((await bench.until(containerId, (one) => one.health !== 'starting')).health).toBe('unhealthy')
      await exec(bench, containerId, { argv: ['touch', '/ready'] })
      expect((await bench.until(containerId, (one) => one.health === 'healthy')).status).toBe('running')
    })
  })
}
