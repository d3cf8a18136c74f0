/** Which profile a container gets: its own, none, or the default one. Reads the file that it names, and changes nothing. */
import { readFileSync } from 'node:fs'
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import { lastOption } from '../spec/security.ts'
import { DEFAULT_PROFILE } from './default-profile.ts'
import type { Profile } from './profile.ts'
import { readProfile } from './read-profile.ts'

/** Undefined: every system call may be made. A privileged container is held only to a profile of its own. */
export function chooseProfile(spec: ContainerSpec): Profile | undefined {
  const asked = lastOption(spec, 'seccomp') ?? ''
  if (asked === 'unconfined') return undefined
  if (asked === 'builtin' || asked === '') return spec.privileged ? undefined : DEFAULT_PROFILE
  return asked.trimStart().startsWith('{') ? readProfile('inline', asked) : readProfile(asked, fileText(asked))
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new DriverError('refused', `the seccomp profile "${path}" can't be read: ${(cause as Error).message}`, {
      hint: 'give the path of a profile, or "unconfined"',
      cause,
    })
  }
}
