/** Images as the user wrote them to images that can't change: `nginx` to `docker.io/library/nginx:latest@sha256:…`. */
import { DriverError } from '../../../driver/driver.ts'
import { fullName, parseReference } from '../reference.ts'
import { openClient } from './client.ts'
import { userCredentials } from './credentials.ts'
import { resolveDigest } from './digest.ts'
import { outsideOf } from './outside.ts'

/** By image as it is written: the pinned one, or why there is none. */
export type Pins = ReadonlyMap<string, string | DriverError>

/** All at once; each is asked about once, however many names it goes by. What has a digest already is only written in full. */
export async function pinImages(
  images: Iterable<string>,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Pins> {
  const client = openClient({ credentials: userCredentials(env), outside: outsideOf(env), signal })
  const digests = new Map<string, Promise<string>>()
  const pin = async (image: string): Promise<string> => {
    const reference = parseReference(image)
    const name = fullName(reference)
    if (reference.digest !== undefined) return name
    const digest = digests.get(name) ?? resolveDigest(client, reference)
    digests.set(name, digest)
    return `${name}@${await digest}`
  }
  const entries = [...new Set(images)].map(async (image) => [image, await orRefusal(pin(image))] as const)
  return new Map(await Promise.all(entries))
}

async function orRefusal(pinned: Promise<string>): Promise<string | DriverError> {
  try {
    return await pinned
  } catch (error) {
    if (error instanceof DriverError) return error
    throw error
  }
}
