/** `config --explain`: the explanations of paths as text or JSON, or what is wrong with the paths. */
import { explain } from '../model/explain/explain.ts'
import { parsePath } from '../model/explain/parse-path.ts'
import type { Subject } from '../model/explain/subject.ts'
import { type Findings, noFindings, report, settle } from '../model/findings.ts'
import { renderExplanation } from '../view/explanation.ts'
import type { Paint } from '../view/paint.ts'

export interface ExplainOptions {
  readonly json: boolean
  readonly paint: Paint
}

/** Throws ComposeError for the paths that name nothing, all of them at once. */
export function explainPaths(subject: Subject, paths: readonly string[], { json, paint }: ExplainOptions): string {
  const findings = noFindings()
  const explanations = paths.flatMap((path) => {
    const segments = readPath(path, findings)
    const explanation = segments && explain(subject, segments, findings)
    return explanation ? [explanation] : []
  })
  settle(findings)
  if (!json) return explanations.map((one) => renderExplanation(one, paint)).join('\n')
  const values = explanations.flatMap((one) => one.values)
  const arrivals = explanations.flatMap((one) => one.arrivals)
  return `${JSON.stringify({ values, arrivals }, withoutSourceLines, 2)}\n`
}

function readPath(path: string, findings: Findings): readonly string[] | undefined {
  const segments = parsePath(path)
  if (segments) return segments
  const hint = 'write it like services.web.ports[0], keys with other characters in ["quotes"]'
  report(findings, { code: 'no-such-value', message: `"${path}" is not a path to a value`, hint, at: undefined })
  return undefined
}

/** A program that wants the line has the file. */
const withoutSourceLines = (key: string, value: unknown): unknown => (key === 'sourceLine' ? undefined : value)
