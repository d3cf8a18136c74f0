/** A plan in a file: whole, for nobody else's eyes, as it holds what containers are told, and with a sum that shows a change of it. */
import { readFileSync } from 'node:fs'
import { sha256 } from '../digests.ts'
import type { Basis } from '../planner/basis.ts'
import type { Plan } from '../planner/plan.ts'
import { Refusal } from './failure.ts'
import { writeWhole } from './write-whole.ts'

export interface KeptPlan {
  readonly plan: Plan
  readonly basis: Basis
}

const VERSION = 1

export async function writePlanFile(path: string, kept: KeptPlan): Promise<void> {
  const content = JSON.stringify(kept)
  const text = JSON.stringify({ tscomposePlan: VERSION, sum: sha256(content), content })
  await writeWhole(path, async (write) => write(Buffer.from(`${text}\n`)))
}

export function readPlanFile(path: string): KeptPlan {
  const { tscomposePlan, sum, content } = parse(path)
  if (tscomposePlan !== VERSION || typeof content !== 'string')
    throw new Refusal(`"${path}" is no plan of this version`, 'write one with "tscompose plan -o FILE"')
  if (sum !== sha256(content))
    throw new Refusal(`the plan in "${path}" was changed or is damaged`, 'make it anew with "tscompose plan -o FILE"')
  return JSON.parse(content) as KeptPlan
}

function parse(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    const { code, message } = error as NodeJS.ErrnoException
    throw new Refusal(`"${path}" can't be read: ${code === 'ENOENT' ? 'there is no such file' : message}`)
  }
}
