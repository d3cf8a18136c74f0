/** `pull`: the images of services, each fetched once. A policy says which are not looked for at all. */
import type { Project, Service } from '../model/project.ts'
import { keyOf, openDraft } from './draft.ts'
import type { Surroundings } from './options.ts'
import type { PassedOver, Plan } from './plan.ts'
import { readPolicy } from './pull-policy.ts'
import { platformOf } from './up-images.ts'

export interface PullOptions {
  readonly surroundings: Surroundings
  /** In place of every service's own. */
  readonly policy?: string
  /** Images that can be built are not fetched. */
  readonly ignoreBuildable?: boolean
  /** A failure is shown, and that is all. */
  readonly ignoreFailures?: boolean
}

export function planServicePulls(project: Project, options: PullOptions): Plan {
  const draft = openDraft()
  const passedOver: PassedOver[] = []
  const pulledBy = new Map<string, string>()
  const add = (serviceName: string, service: Service, image: string, shownAs?: string): void => {
    pulledBy.set(image, serviceName)
    draft.add({
      key: `pull ${image} for ${serviceName}`,
      after: [],
      because: { reason: 'asked for', isEvident: true },
      serviceName,
      action: {
        kind: 'pull-image',
        image,
        ...(shownAs === undefined ? {} : { shownAs }),
        ...platformOf(project, service),
        ...(options.ignoreFailures ? { mayFail: true } : {}),
      },
    })
  }
  for (const [serviceName, service] of Object.entries(project.services)) {
    const skip = reasonToSkip(service, options, pulledBy)
    if (skip === undefined) add(serviceName, service, service.image as string, serviceName)
    else passedOver.push({ resource: serviceName, ...skip })
  }
  for (const [serviceName, service] of Object.entries(project.services))
    for (const image of hookImagesOf(service, options)) if (!pulledBy.has(image)) add(serviceName, service, image)
  return draft.finish({ projectName: project.name, unchanged: [], orphans: [], warnings: [], passedOver })
}

/** Of `pre_start`, by the service's own policy. */
function hookImagesOf(service: Service, { policy, surroundings }: PullOptions): readonly string[] {
  const asked = policy || service.pull_policy
  const written = readPolicy(asked)
  if (written === 'never') return []
  const isKept = (image: string): boolean =>
    written === 'missing' && asked !== undefined && surroundings.images.get(image) !== undefined
  return (service.pre_start ?? []).flatMap(({ image }) =>
    image === undefined || image === service.image || isKept(image) ? [] : [image],
  )
}

type Skip = Pick<PassedOver, 'why'>

function reasonToSkip(
  service: Service,
  { policy, surroundings, ignoreBuildable }: PullOptions,
  pulledBy: ReadonlyMap<string, string>,
): Skip | undefined {
  const { image } = service
  if (!image) return { why: 'No image to be pulled' }
  const written = readPolicy(policy || service.pull_policy)
  if (written === 'never' || written === 'build') return {}
  // Without a policy, who asks for a pull wants to know what the registry has.
  const isKept = written === 'missing' && (policy || service.pull_policy) !== undefined
  if (isKept && surroundings.images.get(image) !== undefined) return { why: 'Image is already present locally' }
  if (service.build && ignoreBuildable) return { why: 'Image can be built' }
  const other = pulledBy.get(image)
  return other === undefined ? undefined : { why: `Image is already being pulled by ${other}` }
}

/** Images by name, whatever project they are for. */
export function planImagePulls(images: readonly string[], platform: { readonly platform?: string }): Plan {
  const draft = openDraft()
  for (const image of new Set(images)) {
    const because = { reason: 'asked for', isEvident: true } as const
    draft.add({ key: keyOf.pull(image), after: [], because, action: { kind: 'pull-image', image, ...platform } })
  }
  return draft.finish({ projectName: '', unchanged: [], orphans: [], warnings: [] })
}
