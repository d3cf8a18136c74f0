/** `scale` and `deploy.replicas` are two names of one number. */
import type { Service } from './project.ts'

/** With the number of containers under both names, where there is a `deploy` that could hold it. */
export function withReplicas(service: Service): Service {
  const { scale, deploy } = service
  if (scale === undefined || !deploy || deploy.replicas === scale) return service
  return Object.freeze({ ...service, deploy: Object.freeze({ ...deploy, replicas: scale }) })
}
