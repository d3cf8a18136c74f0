/** What a container has changed of its image's files, as `docker diff` shows it. Pure. */
import type { FileChange } from '../driver/driver.ts'
import { escapeControls } from './paint.ts'

const LETTERS: Readonly<Record<FileChange['kind'], string>> = { added: 'A', changed: 'C', deleted: 'D' }

/** One line for each. The container has chosen the names. */
export function renderChanges(changes: readonly FileChange[]): string {
  return changes.map(({ kind, path }) => `${LETTERS[kind]} ${escapeControls(path)}\n`).join('')
}

/** One object for each, in a line of its own. */
export function renderChangesAsJson(changes: readonly FileChange[]): string {
  return changes.map((one) => `${JSON.stringify(one)}\n`).join('')
}
