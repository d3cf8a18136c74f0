/** What hooks write in containers, line by line between the lines of the containers. */
import { StringDecoder } from 'node:string_decoder'
import type { HookOutput } from '../../planner/run-hooks.ts'

export interface HookLines {
  readonly take: (output: HookOutput) => void
  /** Writes what has no line end. */
  readonly end: () => void
}

export function openHookLines(onLine: (output: HookOutput, text: string) => void): HookLines {
  const pending = new Map<string, { readonly decoder: StringDecoder; text: string; readonly output: HookOutput }>()
  const openOne = (output: HookOutput) => {
    const opened = { decoder: new StringDecoder('utf8'), text: '', output }
    pending.set(output.containerName, opened)
    return opened
  }
  return {
    take: (output) => {
      const one = pending.get(output.containerName) ?? openOne(output)
      const pieces = `${one.text}${one.decoder.write(output.data)}`.split('\n')
      one.text = pieces.pop() as string
      for (const piece of pieces) onLine(output, piece)
    },
    end: () => {
      for (const { text, output } of pending.values()) if (text !== '') onLine(output, text)
      pending.clear()
    },
  }
}
