/** Keeps a note when `up -d` has found nothing to do, so that the next one need not look for it again. */
import { openSettledProjects } from '../../driver/native/settled.ts'
import type { Project } from '../../model/project.ts'
import type { Plan } from '../../planner/plan.ts'
import { unchangedEvents } from '../../planner/progress.ts'
import { readPolicy } from '../../planner/pull-policy.ts'
import type { Inquiry } from './inquiry.ts'
import { digestOf, keyOf, type Look, type Note, type Question } from './note.ts'

export interface Finding {
  readonly question: Question
  readonly inquiry: Inquiry
  readonly project: Project
  readonly plan: Plan
  readonly look: Look
  /** A file that is another one when the program is. */
  readonly program: string
}

/** A note that can't be kept is no loss. */
export function keepNote(finding: Finding): void {
  if (!isSettled(finding)) return
  try {
    write(finding)
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

function write({ question, inquiry: { files, kinds, realpaths }, project, plan, look, program }: Finding): void {
  const settled = openSettledProjects(question.environment)
  const standing = settled.standingSince({
    containerIds: plan.unchanged.map(({ containerId }) => containerId),
    files: { ...files, [program]: true },
    sinceMs: Date.now() - process.uptime() * 1000,
  })
  if (standing === undefined) return
  const { words, cwd, environment } = question
  const note: Note = {
    version: 1,
    words,
    cwd,
    environmentDigest: digestOf(environment),
    inquiry: { kinds, realpaths },
    projectName: project.name,
    standing,
    look,
    events: unchangedEvents(plan),
  }
  settled.keepNote(keyOf(question), JSON.stringify(note))
}
