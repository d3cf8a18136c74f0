/** Answers an `up -d` by the note of the last one, where nothing has changed since. */
import { findNote, openSettledProjects } from '../../driver/native/settled.ts'
import { fileReader } from '../file-reader.ts'
import { type Output, processOutput } from '../output.ts'
import { paintOn } from '../paint-on.ts'
import { openProgress } from '../progress.ts'
import { isAnsweredAlike } from './inquiry.ts'
import { keyOf, type Note, type Question, readNote } from './note.ts'

/** Tells whether it has. */
export async function repeatSettled(question: Question): Promise<boolean> {
  const note = standingNote(question)
  if (note === undefined) return false
  // Where the outputs can't be written to, nobody can be told.
  await say(note).catch(() => {})
  return true
}

/** Whatever goes wrong with a note, the command itself finds out and tells. */
function standingNote(question: Question): Note | undefined {
  try {
    const text = findNote(question.environment, keyOf(question))
    if (text === undefined) return undefined
    const settled = openSettledProjects(question.environment)
    const note = readNote(text, question)
    if (note === undefined || !isAnsweredAlike(note.inquiry, fileReader)) return undefined
    return settled.stillStands(note.projectName, note.standing) ? note : undefined
  } catch {
    return undefined
  }
}

async function say({ events, look: { ansi, progress } }: Note): Promise<void> {
  const output = processOutput()
  const { collector, flush } = collecting(output)
  const resources = events.map(({ resource }) => resource)
  const view = await openProgress(resources, 'may-draw', {
    output: collector,
    paintFor: paintOn(output, ansi),
    progress,
  })
  for (const event of events) view.on(event)
  await view.close()
  flush()
}

/** All is written at once. */
function collecting(output: Output): { readonly collector: Output; readonly flush: () => void } {
  const parts: Record<'out' | 'err', Uint8Array[]> = { out: [], err: [] }
  const collector: Output = {
    out: (text) => parts.out.push(Buffer.from(text as string)),
    err: (text) => parts.err.push(Buffer.from(text as string)),
    get outIsTerminal() {
      return output.outIsTerminal
    },
    get errIsTerminal() {
      return output.errIsTerminal
    },
  }
  const flush = (): void => {
    for (const stream of ['out', 'err'] as const) output[stream](Buffer.concat(parts[stream]))
  }
  return { collector, flush }
}
