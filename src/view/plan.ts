/** A plan as people read it: a line for each change with its reason, and a count at the end. Inner steps of a change are not shown. */
import type { Because, Plan, Step, Change as WholeChange } from '../planner/plan.ts'
import { escapeControls, type Paint, plainPaint, type Style } from './paint.ts'

type Sign = '+' | '~' | '-/+' | '-' | '>' | 'x' | '.'

/** One thing that is done, as people count them. */
export interface Change {
  readonly sign: Sign
  readonly verb: string
  readonly type: 'image' | 'network' | 'volume' | 'container'
  readonly name: string
  /** What is said behind the name. */
  readonly rest?: string
  readonly because: Because
}

/** Ends with a line end; a plan without steps says so. */
export function renderPlan(plan: Plan, paint: Paint = plainPaint): string {
  const lines = changesOf(plan)
  if (lines.every((line) => line.sign === '.')) return 'nothing to do\n'
  return `${lines.map((line) => renderLine(line, paint)).join('')}${renderCount(lines)}\n`
}

/** A container that is exchanged or restarted is one line, where its first step stands. */
export function changesOf(plan: Plan): readonly Change[] {
  const told = new Set<string>()
  return plan.steps.flatMap((step) => {
    if (step.partOf === undefined) return [changeBy(step)]
    const whole = wholeChange(step.partOf, step.because)
    if (told.has(wordsOf(whole))) return []
    told.add(wordsOf(whole))
    return [whole]
  })
}

function wholeChange({ kind, containerName }: WholeChange, because: Because): Change {
  const sign = kind === 'recreate' ? '-/+' : '>'
  return { sign, verb: kind, type: 'container', name: containerName, because }
}

function changeBy(step: Step): Change {
  const { because } = step
  switch (step.kind) {
    case 'pull-image':
      return { sign: '+', verb: 'pull', type: 'image', name: step.image, because }
    case 'build-image':
      return { sign: '+', verb: 'build', type: 'image', name: step.request.image, because }
    case 'push-image':
      return { sign: '>', verb: 'push', type: 'image', name: step.image, because }
    case 'remove-image':
      return { sign: '-', verb: 'remove', type: 'image', name: step.image, because }
    case 'create-network':
      return { sign: '+', verb: 'create', type: 'network', name: step.spec.networkName, because }
    case 'remove-network':
      return { sign: '-', verb: 'remove', type: 'network', name: step.networkName, because }
    case 'create-volume':
      return { sign: '+', verb: 'create', type: 'volume', name: step.spec.volumeName, because }
    case 'remove-volume':
      return { sign: '-', verb: 'remove', type: 'volume', name: step.volumeName, because }
    case 'create-container':
      return { sign: '+', verb: 'create', type: 'container', name: step.spec.containerName, because }
    case 'run-container':
      return { sign: '>', verb: 'run', type: 'container', name: step.spec.containerName, because }
    case 'start-container':
      return { ...ofContainer('>', step), ...(step.postStart && { rest: 'and run its post_start' }) }
    case 'unpause-container':
      return ofContainer('>', step)
    case 'stop-container':
      return { ...ofContainer('x', step), ...(step.preStop && { rest: 'after its pre_stop' }) }
    case 'kill-container':
    case 'pause-container':
      return ofContainer('x', step)
    case 'remove-container':
      return ofContainer('-', step)
    case 'update-container':
      return ofContainer('~', step)
    case 'rename-container':
      return { ...ofContainer('~', step), rest: `to ${step.newName}` }
    case 'wait-container':
      return { ...ofContainer('.', step), verb: 'wait for', rest: AWAITED[step.condition] }
  }
}

function ofContainer(sign: Sign, step: Step & { readonly containerName: string }): Change {
  const verb = step.kind.slice(0, -'-container'.length)
  return { sign, verb, type: 'container', name: step.containerName, because: step.because }
}

export const wordsOf = ({ verb, type, name, rest }: Change): string =>
  [verb, type, name, ...(rest ? [rest] : [])].join(' ')

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

function renderLine(change: Change, paint: Paint): string {
  const { sign, because } = change
  return `${paint(STYLES[sign], sign.padStart(3))} ${escapeControls(wordsOf(change))}${because.isEvident ? '' : paint('faint', `, because ${renderBecause(because)}`)}\n`
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

function renderCount(lines: readonly Change[]): string {
  const counts = COUNTED.map(([sign, verb]) => [lines.filter((line) => line.sign === sign).length, verb] as const)
  return `plan: ${counts
    .filter(([count]) => count > 0)
    .map(([count, verb]) => `${count} ${verb}`)
    .join(', ')}`
}
