/** Every command by its oclif id, loaded when it is run and not before. test/cli/commands.test.ts holds it against the folder. */
import type { Program } from './program.ts'

/** A command as the launcher runs it: oclif's `_run` is `init`, `run`, `catch` and `finally`. */
export interface RunnableClass {
  id: string
  new (argv: string[], config: Program): { _run(): Promise<unknown> }
}

export const COMMANDS: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  apply: () => import('../commands/apply.ts'),
  attach: () => import('../commands/attach.ts'),
  build: () => import('../commands/build.ts'),
  commit: () => import('../commands/commit.ts'),
  complete: () => import('../commands/complete.ts'),
  completion: () => import('../commands/completion.ts'),
  config: () => import('../commands/config.ts'),
  cp: () => import('../commands/cp.ts'),
  create: () => import('../commands/create.ts'),
  diff: () => import('../commands/diff.ts'),
  down: () => import('../commands/down.ts'),
  events: () => import('../commands/events.ts'),
  exec: () => import('../commands/exec.ts'),
  explain: () => import('../commands/explain.ts'),
  export: () => import('../commands/export.ts'),
  graph: () => import('../commands/graph.ts'),
  'image:copy': () => import('../commands/image/copy.ts'),
  'image:df': () => import('../commands/image/df.ts'),
  'image:export': () => import('../commands/image/export.ts'),
  'image:history': () => import('../commands/image/history.ts'),
  'image:import': () => import('../commands/image/import.ts'),
  'image:inspect': () => import('../commands/image/inspect.ts'),
  'image:load': () => import('../commands/image/load.ts'),
  'image:ls': () => import('../commands/image/ls.ts'),
  'image:prune': () => import('../commands/image/prune.ts'),
  'image:pull': () => import('../commands/image/pull.ts'),
  'image:push': () => import('../commands/image/push.ts'),
  'image:rm': () => import('../commands/image/rm.ts'),
  'image:save': () => import('../commands/image/save.ts'),
  'image:tag': () => import('../commands/image/tag.ts'),
  images: () => import('../commands/images.ts'),
  kill: () => import('../commands/kill.ts'),
  login: () => import('../commands/login.ts'),
  logout: () => import('../commands/logout.ts'),
  logs: () => import('../commands/logs.ts'),
  ls: () => import('../commands/ls.ts'),
  pause: () => import('../commands/pause.ts'),
  plan: () => import('../commands/plan.ts'),
  port: () => import('../commands/port.ts'),
  ps: () => import('../commands/ps.ts'),
  publish: () => import('../commands/publish.ts'),
  pull: () => import('../commands/pull.ts'),
  push: () => import('../commands/push.ts'),
  restart: () => import('../commands/restart.ts'),
  rm: () => import('../commands/rm.ts'),
  run: () => import('../commands/run.ts'),
  scale: () => import('../commands/scale.ts'),
  start: () => import('../commands/start.ts'),
  stats: () => import('../commands/stats.ts'),
  stop: () => import('../commands/stop.ts'),
  'system:boot': () => import('../commands/system/boot.ts'),
  'system:install-service': () => import('../commands/system/install-service.ts'),
  top: () => import('../commands/top.ts'),
  unpause: () => import('../commands/unpause.ts'),
  up: () => import('../commands/up.ts'),
  version: () => import('../commands/version.ts'),
  volumes: () => import('../commands/volumes.ts'),
  wait: () => import('../commands/wait.ts'),
  watch: () => import('../commands/watch.ts'),
}

/** Names that Docker Compose once had for a command, and that scripts still use. */
export const FORMER_NAMES: Readonly<Record<string, string>> = { convert: 'config' }
