/** An attached `up`: shows what containers write while they run, and stops them when the user or a container's end says so. */
import { EXIT } from '../diagnostic.ts'
import type { Driver, ObservedContainer } from '../driver/driver.ts'
import type { Plan } from '../planner/plan.ts'
import type { ProgressEvent } from '../planner/progress.ts'
import type { LogLines } from '../view/log-lines.ts'
import type { AbortOn } from './attach-flags.ts'
import { attachingLine } from './attaching.ts'
import type { ChangeOptions } from './change.ts'
import { openCompany } from './log/company.ts'
import { endText, restartText, watchUntilEnd } from './log/endings.ts'
import { showFuture } from './log/follow.ts'
import type { LogLine } from './log/lines.ts'
import { isOneOff, serviceOf, shortName } from './service-selection.ts'
import type { Interruption } from './signals.ts'

export interface AttachedUp extends Attachment {
  readonly interruption: Interruption
  /** Fires when the user goes, and the containers stay. */
  readonly left?: AbortSignal | undefined
  /** For the person at the terminal. */
  readonly say: (message: string) => void
  readonly abortOn: AbortOn
  readonly exitCodeFrom: string | undefined
  /** Brings everything up, and tells what happens. */
  readonly start: (watching: Watching) => Promise<unknown>
  /** Stops everything gracefully. */
  readonly stop: (signal: AbortSignal) => Promise<unknown>
}

type Watching = Required<Pick<ChangeOptions, 'onPlan' | 'onEvent'>> & {
  /** Tells of a container that runs before its start is over. */
  readonly onRunning: (containerName: string) => void
}

interface Attachment {
  readonly driver: Driver
  readonly projectName: string
  readonly lines: LogLines
  /** Each stream of a container goes to the same one of ours. */
  readonly write: Readonly<Record<LogLine['stream'], (text: string) => void>>
  /** Services whose output is shown. */
  readonly shown: ReadonlySet<string>
  /** Services whose containers `up` lives as long as; empty is those that are shown. */
  readonly awaited: readonly string[]
}

/** Returns the exit code of `up`. The first signal stops the containers, the second kills them. */
export async function runAttached(up: AttachedUp): Promise<number> {
  const { interruption, say } = up
  const followers = new AbortController()
  const stopping = openStop((signal) => up.stop(signal))
  const verdict = openVerdict(up.abortOn, up.exitCodeFrom, () => {
    say('Aborting on container exit...')
    stopping.begin()
  })
  const onInterrupt = (): void => {
    say('Gracefully Stopping... press Ctrl+C again to force')
    stopping.begin()
  }
  interruption.signal.addEventListener('abort', onInterrupt, { once: true })
  interruption.again = () => void killAll(up)
  const audience = openAudience(up, { sinceMs: Date.now(), onEnd: verdict.onEnd, signal: followers.signal })
  try {
    await startAll(up, audience)
    await Promise.race([audience.allEnded(stopping.hasBegun), stopping.failed, ...(up.left ? [fired(up.left)] : [])])
    await stopping.done()
  } finally {
    followers.abort()
  }
  return interruption.signal.aborted ? EXIT.interrupted : verdict.exitCode()
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** A container is followed from the moment it runs. An interruption on the way is no failure: the stop has begun. */
async function startAll({ start, interruption, shown, write }: AttachedUp, audience: Audience): Promise<void> {
  let announcement: string | undefined
  const announce = (): void => {
    if (announcement !== undefined) write.stdout(announcement)
    announcement = undefined
  }
  const onPlan = (plan: Plan): void => {
    announcement = attachingLine(plan, shown)
  }
  const onEvent = ({ resource, status, text }: ProgressEvent): void => {
    const [kind, containerName] = resource.split(' ')
    if (kind !== 'Container' || !containerName) return
    const runs = status === 'done' && RUNS.has(text)
    if (runs || text === 'Starting') announce()
    if (runs) audience.follow(containerName)
  }
  try {
    await start({ onPlan, onEvent, onRunning: audience.follow })
  } catch (error) {
    if (!interruption.signal.aborted) throw error
  }
}

const RUNS = new Set(['Started', 'Running'])

/** Takes no lock: the stop in progress holds it. What is gone already needs no kill. */
async function killAll({ driver, projectName, interruption }: AttachedUp): Promise<void> {
  interruption.again = () => process.exit(EXIT.interrupted)
  const { signal } = new AbortController()
  const { containers } = await driver.observe(projectName, signal)
  await Promise.allSettled(containers.map((one) => driver.killContainer(one.containerId, 'SIGKILL', signal)))
}

interface Stop {
  readonly begin: () => void
  readonly hasBegun: () => boolean
  /** Rejects when stopping failed, and never resolves. */
  readonly failed: Promise<never>
  readonly done: () => Promise<unknown>
}

/** Stops once, however often it is asked for. */
function openStop(stop: (signal: AbortSignal) => Promise<unknown>): Stop {
  let running: Promise<unknown> | undefined
  let fail: (error: unknown) => void
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => {})
  const begin = (): void => {
    running ??= stop(new AbortController().signal)
    running.catch((error: unknown) => fail(error))
  }
  return { begin, hasBegun: () => running !== undefined, failed, done: async () => running }
}

/** How an audience listens. */
interface Listening {
  /** Output from before is not shown again. */
  readonly sinceMs: number
  readonly onEnd: (container: ObservedContainer) => void
  readonly signal: AbortSignal
}

interface Audience {
  /** Begins to follow the container of this name. */
  readonly follow: (containerName: string) => void
  /** Until every container that is followed has ended for good. */
  readonly allEnded: (isOver: () => boolean) => Promise<void>
}

function openAudience(attachment: Attachment, listening: Listening): Audience {
  const { driver, projectName, shown, awaited } = attachment
  const arrivals: Promise<void>[] = []
  const company = openCompany({
    driver,
    projectName,
    isWanted: (one) => !isOneOff(one) && (shown.has(serviceOf(one)) || awaited.includes(serviceOf(one))),
    follow: (container, sinceMs = listening.sinceMs) =>
      followContainer(container, attachment, { ...listening, sinceMs }),
    signal: listening.signal,
  })
  const arrive = async (containerName: string): Promise<void> => {
    const { containers } = await driver.observe(projectName, listening.signal)
    const container = containers.find((one) => one.containerName === containerName)
    if (container) company.add(container)
  }
  return {
    follow: (containerName) => void arrivals.push(arrive(containerName)),
    allEnded: async (isOver) => {
      await Promise.all(arrivals)
      await company.untilAllEnded({ sinceMs: listening.sinceMs, isOver })
    },
  }
}

async function followContainer(
  container: ObservedContainer,
  attachment: Attachment,
  listening: Listening,
): Promise<ObservedContainer | undefined> {
  const { driver, shown, lines, write } = attachment
  const output = shown.has(serviceOf(container)) ? showOutput(container, attachment, listening) : Promise.resolve()
  const onRestart = (now: ObservedContainer): void => write.stdout(lines.status(shortName(now), restartText(now)))
  const [last] = await Promise.all([watchUntilEnd(container, { driver, onRestart, signal: listening.signal }), output])
  if (last === undefined) return undefined
  write.stdout(lines.status(shortName(last), endText(last)))
  listening.onEnd(last)
  return last
}

async function showOutput(
  container: ObservedContainer,
  { driver, lines, write }: Attachment,
  { sinceMs, signal }: Listening,
): Promise<void> {
  const name = shortName(container)
  lines.register(name)
  const onLine = (line: LogLine): void => write[line.stream](lines.line(name, line.text, line.timeNs))
  await showFuture(driver, { containerId: container.containerId, name }, { sinceMs, onLine, signal })
}

/** Remembers the exit code that `up` ends with, and says when it is time to stop the others. */
function openVerdict(abort: AbortOn, exitCodeFrom: string | undefined, stop: () => void) {
  let stopping = false
  let exitCode = 0
  let chosen: number | undefined
  return {
    onEnd: (container: ObservedContainer): void => {
      if (exitCodeFrom !== undefined && serviceOf(container) === exitCodeFrom) chosen ??= container.exitCode
      if (stopping || abort === 'nothing' || (abort === 'failure' && container.exitCode === 0)) return
      stopping = true
      exitCode = container.exitCode
      stop()
    },
    exitCode: (): number => chosen ?? exitCode,
  }
}
