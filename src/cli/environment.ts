/** Environment variables that are switches, read as Go reads a boolean. */

export function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(1|t|true)$/i.test(text)
}
