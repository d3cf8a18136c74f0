/** Compares what was answered with what was expected. */
import type { Answer } from './scenario.ts'

export interface Answered {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What is not as expected, in sentences; none if all is. */
export function complaints(expected: Answer, answered: Answered): string[] {
  const code = expected.code ?? 0
  return [
    ...(answered.code === code ? [] : [`the exit code is ${answered.code} instead of ${code}`]),
    ...(['stdout', 'stderr'] as const).flatMap((stream) => [
      ...unlike(stream, expected[stream], answered[stream]),
      ...unwanted(stream, expected[`no-${stream}`], answered[stream]),
    ]),
  ]
}

function unlike(stream: string, expected: Answer['stdout'], text: string): string[] {
  if (expected === undefined) return []
  if (typeof expected !== 'string')
    return expected.filter((part) => !found(part, text)).map((part) => `${stream} lacks ${part}`)
  return text.trimEnd() === expected.trimEnd() ? [] : [`${stream} is not\n${indent(expected)}`]
}

function unwanted(stream: string, parts: readonly string[] = [], text: string): string[] {
  return parts.filter((part) => found(part, text)).map((part) => `${stream} has ${part}`)
}

function found(part: string, text: string): boolean {
  const pattern = /^\/(.*)\/$/s.exec(part)?.[1]
  return pattern === undefined ? text.includes(part) : new RegExp(pattern, 'm').test(text)
}

export function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ')
}
