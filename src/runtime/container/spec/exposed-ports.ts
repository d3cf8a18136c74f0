/** The ports a container says it listens on: the spec's, the image's, and those that are published. Pure. */
import type { ContainerSpec } from '../../../driver/driver.ts'
import type { ImageConfig } from './image.ts'

/** `80/tcp`, each once. */
export function exposedPorts(spec: ContainerSpec, image: ImageConfig): readonly string[] {
  const published = spec.ports.map((port) => `${port.target}/${port.protocol}`)
  return [...new Set([...spec.expose, ...Object.keys(image.ExposedPorts ?? {}), ...published].flatMap(portsOf))]
}

/** `8000-8002` stands for three. */
function portsOf(text: string): string[] {
  const [numbers = '', protocol = 'tcp'] = text.split('/')
  const [start = 0, end = start] = numbers.split('-').map(Number)
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, index) => `${start + index}/${protocol}`)
}
