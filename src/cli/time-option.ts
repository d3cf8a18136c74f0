/** `--since` and `--until`, as an option of that name for a driver. */
import { Refusal } from './failure.ts'
import { readTimestamp } from './timestamp.ts'

export function timeOption<K extends string>(key: K, text: string | undefined): { readonly [P in K]?: number } {
  if (!text) return {}
  const timeMs = readTimestamp(text, Date.now())
  if (timeMs === undefined)
    throw new Refusal(
      `invalid time ${JSON.stringify(text)}`,
      'give a timestamp such as 2026-01-02T13:23:37Z, or how long ago, such as 42m',
    )
  return { [key]: timeMs } as { readonly [P in K]?: number }
}
