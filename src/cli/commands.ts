/** Every command by its oclif id, loaded when it is run and not before. test/cli/commands.test.ts holds it against the folder. */

/** A command as the launcher runs it: oclif's `_run` is `init`, `run`, `catch` and `finally`. */
export interface RunnableClass {
  id: string
  new (argv: string[], config: { readonly root: string; readonly bin: string }): { _run(): Promise<unknown> }
}

export const COMMANDS: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  config: () => import('../commands/config.ts'),
  version: () => import('../commands/version.ts'),
}
