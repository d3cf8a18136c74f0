/** For whom diagnostics are besides the person at the terminal. Loaded only where there is somebody. */
import { isAbsolute, relative, resolve } from 'node:path'
import type { Diagnostic } from '../diagnostic.ts'
import { renderAnnotations } from '../view/annotations.ts'
import { renderJsonLines } from '../view/diagnostics-json.ts'

type Render = (diagnostics: readonly Diagnostic[]) => string

export interface Telling {
  /** In the place of the text. */
  readonly instead?: Render
  /** After it. */
  readonly besides?: Render
}

export interface Audience {
  readonly json: boolean
  readonly environment: NodeJS.ProcessEnv
  readonly cwd: string
}

/** Programs that read JSON get nothing else. */
export function tellingFor({ json, environment, cwd }: Audience): Telling {
  if (json) return { instead: renderJsonLines }
  if (environment.GITHUB_ACTIONS !== 'true') return {}
  const pathOf = (file: string): string => inWorkspace(resolve(cwd, file), file, environment.GITHUB_WORKSPACE)
  return { besides: (diagnostics) => renderAnnotations(diagnostics, pathOf) }
}

/** GitHub wants paths from the top of the repository, wherever the command runs. */
function inWorkspace(path: string, written: string, workspace: string | undefined): string {
  if (!workspace) return written
  const short = relative(workspace, path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? written : short
}
