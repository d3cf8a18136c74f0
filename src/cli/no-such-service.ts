/** A service that was named on the command line and is not there. */
import { ComposeError } from '../diagnostic.ts'
import { suggest } from '../model/nearest.ts'

export const noSuchService = (name: string, known: Iterable<string>, hint?: string): ComposeError =>
  new ComposeError([
    {
      severity: 'error',
      code: 'no-such-service',
      message: `no such service: ${name}`,
      hint: hint ?? suggest(name, known, 'see what there is with "tscompose config --services"'),
    },
  ])
