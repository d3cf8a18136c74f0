/** Which program runs: the rules by which entrypoint and command of the spec and of the image meet. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import type { ImageConfig } from './image.ts'

/** A spec that names an entrypoint of its own is not given the image's command. */
export function argvOf(spec: ContainerSpec, image: ImageConfig): readonly string[] {
  const entrypoint = spec.entrypoint ?? image.Entrypoint ?? []
  const inherited = spec.entrypoint?.length ? [] : (image.Cmd ?? [])
  const argv = withoutBlank([...entrypoint, ...(spec.command ?? inherited)])
  if (argv.length > 0) return argv
  throw new DriverError(
    'refused',
    `no command is given for "${spec.containerName}", and image "${spec.image}" has none`,
    {
      hint: 'set "command" or "entrypoint"',
    },
  )
}

/** `entrypoint: ""` arrives as one empty word, which clears and runs nothing. */
function withoutBlank(argv: readonly string[]): readonly string[] {
  return argv[0] === '' ? argv.slice(1) : argv
}
