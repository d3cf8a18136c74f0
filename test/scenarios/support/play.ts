/** Plays one scenario in a folder of its own, and takes down what it brought up. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { writeProject } from '../../e2e/support/cli.ts'
import { type Answered, complaints, indent } from './answer.ts'
import type { Scenario, Step } from './scenario.ts'

interface Stage {
  readonly programs: string
  /** Whether what is marked as tscompose's own answer is expected. */
  readonly own: boolean
}

const STEP_MS = 40_000
const PATIENCE_MS = 15_000

/** Fails with all that was typed and answered. */
export async function play(scenario: Scenario, stage: Stage): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'scenario-'))
  const cwd = join(parent, scenario.name)
  mkdirSync(cwd)
  writeProject(cwd, scenario.files ?? {})
  const run = (line: string) => answer(line, cwd, stage.programs)
  try {
    const transcript: string[] = []
    for (const step of scenario.steps) await playStep(step, { run, own: stage.own, transcript })
  } finally {
    for (const project of scenario.projects) await run(`take-down ${project}`)
    rmSync(parent, { recursive: true, force: true })
  }
}

interface Progress {
  run(line: string): Promise<Answered>
  readonly own: boolean
  readonly transcript: string[]
}

async function playStep(step: Step, { run, own, transcript }: Progress): Promise<void> {
  const expected = own ? (step.tscompose ?? step) : step
  const deadline = Date.now() + PATIENCE_MS
  let answered = await run(step.run)
  while (step.eventually && complaints(expected, answered).length > 0 && Date.now() < deadline) {
    await delay(200)
    answered = await run(step.run)
  }
  transcript.push(told(step.run, answered))
  const wrong = complaints(expected, answered)
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n\n${transcript.join('\n')}`)
  if (own && step.tscompose && complaints(step, answered).length === 0)
    throw new Error(`the difference is gone: ${step.run}`)
}

function told(line: string, { code, stdout, stderr }: Answered): string {
  const parts = [stdout, stderr].filter((text) => text !== '').map(indent)
  return [`  $ ${line}`, ...parts, `    exit code ${code}`].join('\n')
}

function answer(line: string, cwd: string, programs: string): Promise<Answered> {
  const child = spawn('bash', ['--norc', '-o', 'pipefail', '-c', line], {
    cwd,
    env: environment(programs),
    detached: true,
  })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  }
  child.stdin.end()
  // The shell leads a group of its own: what hangs below it ends with it.
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), STEP_MS)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, ...output })
    })
  })
}

/** Nothing of whoever runs the tests reaches the projects. */
function environment(programs: string): NodeJS.ProcessEnv {
  const { PATH = '', HOME } = process.env
  return { PATH: `${programs}${delimiter}${PATH}`, HOME, LANG: 'C.UTF-8' }
}
