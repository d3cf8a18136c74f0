/** A plan as people read it: a line for each change with its reason, and a count at the end. Inner steps of a change are not shown. */
import type { Because, Change, Plan, Step } from '../planner/plan.ts'
import { escapeControls, type Paint, plainPaint, type Style } from './paint.ts'

type Sign = '+' | '~' | '-/+' | '-' | '>' | 'x' | '.'

interface Line {
  readonly sign: Sign
  readonly what: string
  readonly because: Because
}

/** Ends with a line end; a plan without steps says so. */
export function renderPlan(plan: Plan, paint: Paint = plainPaint): string {
  const lines = linesOf(plan)
  if (lines.every((line) => line.sign === '.')) return 'nothing to do\n'
  return `${lines.map((line) => renderLine(line, paint)).join('')}${renderCount(lines)}\n`
}

/** A container that is exchanged or restarted is one line, where its first step stands. */
function linesOf(plan: Plan): readonly Line[] {
  const told = new Set<string>()
  return plan.steps.flatMap((step) => {
    if (step.partOf === undefined) return [lineFor(step)]
    const line = changeLine(step.partOf, step.because)
    if (told.has(line.what)) return []
    told.add(line.what)
    return [line]
  })
}

function changeLine({ kind, containerName }: Change, because: Because): Line {
  return kind === 'recreate'
    ? { sign: '-/+', what: `recreate container ${containerName}`, because }
    : { sign: '>', what: `restart container ${containerName}`, because }
}

function lineFor(step: Step): Line {
  const { because } = step
  switch (step.kind) {
    case 'pull-image':
      return { sign: '+', what: `pull image ${step.image}`, because }
    case 'push-image':
      return { sign: '>', what: `push image ${step.image}`, because }
    case 'remove-image':
      return { sign: '-', what: `remove image ${step.image}`, because }
    case 'create-network':
      return { sign: '+', what: `create network ${step.spec.networkName}`, because }
    case 'remove-network':
      return { sign: '-', what: `remove network ${step.networkName}`, because }
    case 'create-volume':
      return { sign: '+', what: `create volume ${step.spec.volumeName}`, because }
    case 'remove-volume':
      return { sign: '-', what: `remove volume ${step.volumeName}`, because }
    case 'create-container':
      return { sign: '+', what: `create container ${step.spec.containerName}`, because }
    case 'start-container':
      return { sign: '>', what: `start container ${step.containerName}`, because }
    case 'stop-container':
      return { sign: 'x', what: `stop container ${step.containerName}`, because }
    case 'kill-container':
      return { sign: 'x', what: `kill container ${step.containerName}`, because }
    case 'pause-container':
      return { sign: 'x', what: `pause container ${step.containerName}`, because }
    case 'unpause-container':
      return { sign: '>', what: `unpause container ${step.containerName}`, because }
    case 'remove-container':
      return { sign: '-', what: `remove container ${step.containerName}`, because }
    case 'rename-container':
      return { sign: '~', what: `rename container ${step.containerName} to ${step.newName}`, because }
    case 'wait-container':
      return { sign: '.', what: `wait for container ${step.containerName} ${AWAITED[step.condition]}`, because }
  }
}

const AWAITED = {
  started: 'to start',
  healthy: 'to be healthy',
  completed: 'to complete',
  'started-or-healthy': 'to be up',
} as const

const STYLES: Readonly<Record<Sign, Style>> = {
  '+': 'green',
  '~': 'yellow',
  '-/+': 'yellow',
  '-': 'red',
  '>': 'cyan',
  x: 'red',
  '.': 'faint',
}

function renderLine({ sign, what, because }: Line, paint: Paint): string {
  return `${paint(STYLES[sign], sign.padStart(3))} ${escapeControls(what)}${because.isEvident ? '' : paint('faint', `, because ${renderBecause(because)}`)}\n`
}

function renderBecause({ reason, field, old, new: now, at, also }: Because): string {
  const values = [old, now].filter((value) => value !== undefined).join(' -> ')
  const others = (also ?? []).map((path) => path.slice(2).join('.')).join(', ')
  const text = [
    field === undefined ? reason : `${field.join('.')} ${reason}`,
    values === '' ? '' : `: ${values}`,
    others === '' ? '' : `, as did ${others}`,
    at === undefined ? '' : ` (${at.file}:${at.line}:${at.column})`,
  ]
  return escapeControls(text.join(''))
}

const COUNTED: readonly (readonly [Sign, string])[] = [
  ['+', 'to create'],
  ['~', 'to change'],
  ['-/+', 'to recreate'],
  ['-', 'to remove'],
  ['x', 'to stop'],
  ['>', 'to start'],
]

function renderCount(lines: readonly Line[]): string {
  const counts = COUNTED.map(([sign, verb]) => [lines.filter((line) => line.sign === sign).length, verb] as const)
  return `plan: ${counts
    .filter(([count]) => count > 0)
    .map(([count, verb]) => `${count} ${verb}`)
    .join(', ')}`
}
