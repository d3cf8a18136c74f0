/** `config --resolve-image-digests`: the registries are asked, and what fails is told where the image is written. */
import { ComposeError, type Diagnostic, type Location } from '../diagnostic.ts'
import type { DriverErrorCode } from '../driver/driver.ts'
import { type Composed, imagePlaces, servicesWithHookImages, withPins } from '../model/pin.ts'
import type { Path } from '../model/project.ts'

export interface PinOptions {
  readonly locate: (path: Path) => Location | undefined
  readonly signal: AbortSignal
}

/** Each image with the digest that its registry gives now. Throws ComposeError with every image that has none. */
export async function pinned<Subject extends Composed>(
  subject: Subject,
  { locate, signal }: PinOptions,
): Promise<Subject> {
  const { pinImages } = await import('../runtime/image/registry/pins.ts')
  const places = new Map(imagePlaces(subject).map(({ image, path }) => [image, path]))
  const answers = [...(await pinImages(places.keys(), { env: process.env, signal }))]
  const problems = answers.flatMap(([image, answer]) =>
    typeof answer === 'string' ? [] : [diagnose(answer, locate(places.get(image) ?? []))],
  )
  if (problems.length > 0) throw new ComposeError(problems)
  return withPins(subject, new Map(answers as [string, string][]))
}

/** What an override file can't pin. */
export function lockWarnings(subject: Composed, locate: PinOptions['locate']): readonly Diagnostic[] {
  return servicesWithHookImages(subject).map((name) => {
    const at = locate(['services', name, 'pre_start'])
    return {
      severity: 'warning',
      code: 'hook-image-not-locked',
      message: `the images of the pre_start hooks of "${name}" are left out: an override file can't pin them`,
      hint: 'the whole output of --resolve-image-digests pins them too',
      ...(at === undefined ? {} : { at }),
    }
  })
}

interface Refused {
  readonly code: DriverErrorCode
  readonly message: string
  readonly hint?: string
}

function diagnose({ code, message, hint }: Refused, at: Location | undefined): Diagnostic {
  return {
    severity: 'error',
    code,
    message,
    hint: hint ?? 'check the name of the image',
    ...(at === undefined ? {} : { at }),
  }
}
