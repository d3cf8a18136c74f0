/** The ways a command ends early that are neither the user's mistake in a file nor the driver's refusal. */

/** End with this code; everything worth saying has been said. */
export class ExitStatus extends Error {
  override readonly name = 'ExitStatus'
  readonly code: number

  constructor(code: number) {
    super(`exit status ${code}`)
    this.code = code
  }
}

/** A request that is well-formed but can't be met; the message is all there is to say. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** The user asked for something this version can't do yet: never ignored in silence. */
export function notYet(what: string, hint = 'leave it out, or follow the release notes'): Refusal {
  return new Refusal(`${what} is not supported yet`, hint)
}
