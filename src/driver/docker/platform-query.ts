/** A platform as the API takes it in queries: JSON of its parts. */
export function platformQuery(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const [os, architecture, variant] = text.split('/')
  return JSON.stringify({ os, architecture, ...(variant && { variant }) })
}
