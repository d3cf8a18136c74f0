/** Says for whom a command waits that finds its project in the hands of another. */
import { readFileSync } from 'node:fs'
import type { Diagnostic } from '../diagnostic.ts'

export function busyProject(projectName: string, holder: number | undefined): Diagnostic {
  const command = holder === undefined ? undefined : commandOf(holder)
  const who = command === undefined ? 'another command' : `"${command}" (process ${holder})`
  return {
    severity: 'warning',
    code: 'project-busy',
    message: `waiting for ${who} to finish with project "${projectName}"`,
    hint: 'this command goes on when that has ended; Ctrl-C gives it up',
  }
}

/** What was typed; undefined when it is not known, or no longer there. */
function commandOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    const program = words.findIndex((word) => /[/]tscompose([.]cjs)?$/.test(word))
    return program < 0 ? undefined : ['tscompose', ...words.slice(program + 1)].join(' ')
  } catch {
    return undefined
  }
}
