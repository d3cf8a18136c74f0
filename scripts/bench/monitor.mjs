// Containers by their monitors alone, without the command line: what the runtime itself takes.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

/** The directory of each container of the data directory, by the name of its service. */
export function containers(dataDir) {
  const all = join(dataDir, 'containers')
  const read = (id) => JSON.parse(readFileSync(join(all, id, 'config.json'), 'utf8'))
  const made = readdirSync(all).filter((id) => existsSync(join(all, id, 'config.json')))
  return new Map(made.map((id) => [read(id).labels['com.docker.compose.service'], join(all, id)]))
}

/** Milliseconds from the spawn of the monitor until its container's program runs. */
export async function untilRunning(monitor, directory) {
  const start = process.hrtime.bigint()
  const child = spawn(monitor, ['run', directory], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  child.unref()
  let answer = ''
  for await (const piece of child.stdout) answer += piece
  if (!answer.startsWith('{"ok":true')) throw new Error(`${directory}: ${answer}`)
  return since(start)
}

/** Milliseconds from the spawn of the monitor until the container has ended and all that was made for it is gone. */
export function untilEnded(monitor, directory) {
  const [start, begunMs] = [process.hrtime.bigint(), Date.now()]
  let elapsedMs
  const watcher = watch(directory, () => {
    if (elapsedMs === undefined && hasEnded(directory, begunMs)) elapsedMs = since(start)
  })
  const child = spawn(monitor, ['run', directory], { stdio: 'ignore' })
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => {
      watcher.close()
      if (code === 0) resolve(elapsedMs ?? since(start))
      else reject(new Error(`${monitor} run ${directory} exited with ${code}`))
    }),
  )
}

/** The state of an earlier run says so too. */
function hasEnded(directory, begunMs) {
  const { status, startedAtMs } = JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'))
  return status === 'exited' && startedAtMs >= begunMs
}

/** Milliseconds that a program takes which is started in a running container by its monitor. */
export async function execTime(controlSocket, args) {
  const start = process.hrtime.bigint()
  const socket = connect(controlSocket)
  const user = { uid: 0, gid: 0 }
  const program = { args, cwd: '/', env: ['PATH=/bin'], terminal: false, user }
  socket.write(`${JSON.stringify({ op: 'exec', process: program, user: '', groupAdd: [], stdin: false })}\n`)
  let answer = ''
  for await (const piece of socket) answer += piece
  if (!answer.includes('{"exit":{"code":0}}')) throw new Error(answer)
  return since(start)
}

const since = (start) => Number(process.hrtime.bigint() - start) / 1e6
