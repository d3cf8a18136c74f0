/** What pulls and pushes of a daemon have in common: the user's login, and what is told of them. */
import { userCredentials } from '../../runtime/image/registry/credentials.ts'

/** One line of the stream. */
export interface News {
  readonly id?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly aux?: { readonly Digest?: string; readonly Size?: number }
  readonly error?: string
}

/** For `X-Registry-Auth`; nobody in particular where the user never logged in. */
export async function loginFor(registry: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const found = await userCredentials(env)(registry, signal)
  return Buffer.from(JSON.stringify(found === undefined ? {} : { ...shown(found), serveraddress: registry })).toString(
    'base64url',
  )
}

type Credential = NonNullable<Awaited<ReturnType<ReturnType<typeof userCredentials>>>>

function shown(credential: Credential): object {
  switch (credential.kind) {
    case 'password':
      return { username: credential.username, password: credential.password }
    case 'identity-token':
      return { identitytoken: credential.token }
    case 'registry-token':
      return { registrytoken: credential.token }
  }
}
