/** Plans `up` or `create` on what is there, with a word about orphans. */
import type { Diagnostic } from '../diagnostic.ts'
import { type Driver, LABEL, type Observed } from '../driver/driver.ts'
import type { Project } from '../model/project.ts'
import type { Surroundings, UpOptions } from '../planner/options.ts'
import type { Plan } from '../planner/plan.ts'
import { planUp } from '../planner/up.ts'
import { planPull } from '../planner/up-images.ts'
import type { Planner } from './change.ts'
import { isTrue } from './environment.ts'
import { Refusal } from './failure.ts'
import { lookAround } from './surroundings.ts'

export interface Creation {
  /** Builds images, and fetches those of containers that are there already, before anybody can tell whether those are out of date. */
  readonly first: Planner
  readonly planner: Planner
}

export function planCreation(
  project: Project,
  options: Omit<UpOptions, 'surroundings'>,
  signal: AbortSignal,
  make: typeof planUp = planUp,
): Creation {
  const ignoresOrphans = isTrue(project.environment.COMPOSE_IGNORE_ORPHANS)
  if (ignoresOrphans && options.removeOrphans)
    throw new Refusal('cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans')
  let seen: Surroundings | undefined
  const look = async (observed: Observed, driver: Driver): Promise<Surroundings> => {
    seen ??= await lookAround({ driver, project, observed, signal })
    return seen
  }
  return {
    first: async (observed, driver) =>
      planPull(project, observed, { ...options, surroundings: await look(observed, driver) }),
    planner: async (observed, driver, pulls) => {
      const pulled = pulledImages(pulls)
      if (pulled.length > 0) seen = undefined
      const plan = make(project, observed, { ...options, surroundings: await look(observed, driver), pulled })
      return ignoresOrphans
        ? plan
        : { ...plan, warnings: [...plan.warnings, ...orphanWarnings(plan, options.removeOrphans ?? false)] }
    },
  }
}

/** More are no help. */
const MOST_NOTES = 10

function pulledImages(pulls: Plan | undefined): readonly string[] {
  return (pulls?.steps ?? []).flatMap((step) => {
    if (step.kind === 'build-image') return [step.request.image]
    return step.kind === 'pull-image' ? [step.image] : []
  })
}

/** With whom made them. Those that were to be removed and are there still belong to files in another directory. */
function orphanWarnings({ orphans }: Plan, removes: boolean): readonly Diagnostic[] {
  if (orphans.length === 0) return []
  const names = orphans.map((one) => one.containerName).join(' ')
  return [
    {
      severity: 'warning',
      code: 'orphan-containers',
      message: `found orphan containers ([${names}]) for this project`,
      hint: removes
        ? 'they belong to a project of the same name in another directory, and stay: remove them there, or give one of the two another name with -p'
        : 'if you removed or renamed this service in your compose file, run this command with --remove-orphans to clean it up',
      notes: orphans.slice(0, MOST_NOTES).map(({ containerName, labels }) => ({
        message: `"${containerName}" was made by ${labels[LABEL.configFiles] || 'files that it does not name'}`,
      })),
    },
  ]
}
