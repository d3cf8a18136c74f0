/** Pushes as a command or a driver asks for them: with the user's credentials, and what one has sent the next does not send again. */
import type { PushEvent, PushRequest } from '../../../driver/driver.ts'
import { parsePlatform } from '../platform.ts'
import { openClient, type RegistryClient } from '../registry/client.ts'
import { userCredentials } from '../registry/credentials.ts'
import { outsideOf } from '../registry/outside.ts'
import type { ImageStore } from '../store.ts'
import { pushFrom } from './push.ts'
import { nothingSent } from './shipment.ts'

export type Pusher = (request: PushRequest, onEvent: (event: PushEvent) => void, signal: AbortSignal) => Promise<void>

export function openPusher(store: ImageStore, env: NodeJS.ProcessEnv): Pusher {
  const sent = nothingSent()
  let client: RegistryClient | undefined
  return async ({ image, platform }, onEvent, signal) => {
    client ??= openClient({ credentials: userCredentials(env), outside: outsideOf(env), signal })
    const wanted = platform === undefined ? {} : { platform: parsePlatform(platform) }
    onEvent({ kind: 'done', ...(await pushFrom(store, { image, ...wanted, client, sent, onEvent, signal })) })
  }
}
