/** Keeps a note when `up -d` has found nothing to do, so that the next one need not look for it again. */
import { openSettledProjects } from '../../driver/native/settled.ts'
import type { Project } from '../../model/project.ts'
import type { Plan } from '../../planner/plan.ts'
import { type ProgressEvent, unchangedEvents } from '../../planner/progress.ts'
import { readPolicy } from '../../planner/pull-policy.ts'
import { openProgress, type ProgressSetting } from '../progress.ts'
import type { Inquiry } from './inquiry.ts'
import type { Note, Said } from './note.ts'
import { digestOf, type Question } from './question.ts'

export interface Finding {
  readonly question: Question
  readonly inquiry: Inquiry
  readonly project: Project
  readonly plan: Plan
  /** How an answer looks. */
  readonly look: ProgressSetting
  /** A file that is another one when the program is. */
  readonly program: string
}

/** A note that can't be kept is no loss. */
export async function keepNote(finding: Finding): Promise<void> {
  if (!isSettled(finding)) return
  try {
    await write(finding)
  } catch {}
}

/** With the lives of images the answer changes by itself. */
function isSettled({ plan, project, inquiry }: Finding): boolean {
  return (
    !inquiry.asksTheShell &&
    !(STANDARD_INPUT in inquiry.files) &&
    plan.steps.length === 0 &&
    plan.unchanged.length > 0 &&
    Object.values(project.services).every(({ pull_policy }) => TIMELESS.has(readPolicy(pull_policy)))
  )
}

const STANDARD_INPUT = '-'
const TIMELESS: ReadonlySet<unknown> = new Set(['missing', 'never'])

async function write({ question, inquiry, project, plan, look, program }: Finding): Promise<void> {
  const settled = openSettledProjects(question.environment)
  const standing = settled.standingSince(project.name, {
    containerIds: plan.unchanged.map(({ containerId }) => containerId),
    files: { ...inquiry.files, [program]: true },
    sinceMs: Date.now() - process.uptime() * 1000,
  })
  if (standing === undefined) return
  const note: Note = {
    version: 2,
    ...standing,
    kinds: Object.entries(inquiry.kinds),
    realpaths: Object.entries(inquiry.realpaths),
    said: await saidOf(unchangedEvents(plan), look),
  }
  settled.keepNote(digestOf(question), JSON.stringify(note))
}

/** Collects what the display says. */
async function saidOf(events: readonly ProgressEvent[], look: ProgressSetting): Promise<Said> {
  const said = { out: '', err: '' }
  const adding = (stream: keyof Said) => (text: string | Uint8Array) => {
    said[stream] += typeof text === 'string' ? text : Buffer.from(text).toString()
  }
  const output = { ...look.output, out: adding('out'), err: adding('err') }
  const resources = events.map(({ resource }) => resource)
  const view = await openProgress(resources, 'may-draw', { ...look, output })
  for (const event of events) view.on(event)
  await view.close()
  return said
}
