/** `push`: the images of the services that can be built, and the further names that a build gives them, each once. */
import type { Project, Service } from '../model/project.ts'
import { keyOf, openDraft } from './draft.ts'
import type { PassedOver, Plan } from './plan.ts'

export interface PushOptions {
  /** A failure is shown, and that is all. */
  readonly ignoreFailures: boolean
}

/** As in Docker Compose: an image that others build is theirs to push. */
export function planServicePushes(project: Project, { ignoreFailures }: PushOptions): Plan {
  const draft = openDraft()
  const passedOver: PassedOver[] = []
  for (const [serviceName, service] of Object.entries(project.services)) {
    const images = imagesOf(service)
    if (images.length === 0) passedOver.push({ resource: serviceName })
    for (const image of images.filter((one) => !draft.has(keyOf.push(one)))) {
      const mayFail = ignoreFailures ? { mayFail: true as const } : {}
      draft.add({ ...stepFor(image), serviceName, action: { kind: 'push-image', image, ...mayFail } })
    }
  }
  return draft.finish({ projectName: project.name, unchanged: [], orphans: [], warnings: [], passedOver })
}

function imagesOf({ image, build }: Service): readonly string[] {
  return image && build ? [image, ...(build.tags ?? [])] : []
}

/** Images by name, whatever project they are for. */
export function planImagePushes(images: readonly string[], platform: { readonly platform?: string }): Plan {
  const draft = openDraft()
  for (const image of images) draft.add({ ...stepFor(image), action: { kind: 'push-image', image, ...platform } })
  return draft.finish({ projectName: '', unchanged: [], orphans: [], warnings: [] })
}

function stepFor(image: string) {
  return { key: keyOf.push(image), after: [], because: { reason: 'asked for', isEvident: true } } as const
}
