/** The two operands of `cp`: which side is the container's. */
import { isAbsolute, resolve } from 'node:path'
import { Refusal } from './failure.ts'

export interface CopyDirection {
  readonly kind: 'into' | 'from'
  readonly serviceName: string
  /** Absolute. */
  readonly containerPath: string
  /** Absolute, with what stood at its end; `-` for a stream. */
  readonly localPath: string
  /** As they were written. */
  readonly source: string
  readonly target: string
}

export function readCopyOperands([source = '', target = '']: readonly string[], cwd: string): CopyDirection {
  const [from, to] = [splitOperand(source), splitOperand(target)]
  if (from.serviceName !== '' && to.serviceName !== '')
    throw new Refusal('copying between services is not supported', 'copy to this machine first')
  if (from.serviceName === '' && to.serviceName === '')
    throw new Refusal('unknown copy direction', 'write one of the two as SERVICE:PATH')
  const [kind, there, here] = from.serviceName === '' ? (['into', to, from] as const) : (['from', from, to] as const)
  if (there.path === '')
    throw new Refusal(`there is no path behind "${there.serviceName}:"`, 'the root of a container is "/"')
  return {
    kind,
    serviceName: there.serviceName,
    containerPath: there.path.startsWith('/') ? there.path : `/${there.path}`,
    localPath: here.path === '-' ? '-' : withEnding(resolve(cwd, here.path), here.path),
    source,
    target,
  }
}

/** A path that is absolute or begins with a dot is no service's, whatever colons are in it. */
function splitOperand(text: string): { readonly serviceName: string; readonly path: string } {
  const colon = text.indexOf(':')
  if (isAbsolute(text) || text.startsWith('.') || colon <= 0) return { serviceName: '', path: text }
  return { serviceName: text.slice(0, colon), path: text.slice(colon + 1) }
}

/** `/` and `/.` at the end of a path mean something here, and resolving takes them away. */
function withEnding(path: string, written: string): string {
  const [ending = ''] = /(?:^|[/])[.]?$/.exec(written) ?? []
  return ending === '' ? path : `${path === '/' ? '' : path}/${ending.endsWith('.') ? '.' : ''}`
}
