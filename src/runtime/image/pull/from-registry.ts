/** A pull as a command or a driver asks for it: with the user's credentials, for the platform that was asked for or the machine's. */
import type { PullEvent, PullRequest } from '../../../driver/driver.ts'
import { wantedPlatform } from '../open.ts'
import { openClient } from '../registry/client.ts'
import { userCredentials } from '../registry/credentials.ts'
import { outsideOf } from '../registry/outside.ts'
import type { ImageStore } from '../store.ts'
import { pullInto } from './pull.ts'

export interface PullSetting {
  readonly env: NodeJS.ProcessEnv
  readonly onEvent: (event: PullEvent) => void
  readonly signal: AbortSignal
}

/** Returns the image's id. */
export async function pullFromRegistry(
  store: ImageStore,
  { image, platform }: PullRequest,
  { env, onEvent, signal }: PullSetting,
): Promise<string> {
  const client = openClient({ credentials: userCredentials(env), outside: outsideOf(env), signal })
  const wanted = { platform: wantedPlatform(platform), isStrict: platform !== undefined }
  const imageId = await pullInto(store, { image, client, wanted, onEvent, signal })
  onEvent({ kind: 'done', imageId })
  return imageId
}
