/**
 * What a running command needs of `@oclif/core`, and nothing more: the bundler puts this module in its place, because loading the real
 * one costs more than starting Node. Help, manifest and documentation are made from the real one; test/cli/slim-oclif.test.ts holds both together.
 */

interface FlagOptions {
  readonly multiple?: boolean
  readonly allowNo?: boolean
  readonly parse?: (input: string) => Promise<unknown>
}

const asGiven = async (input: unknown): Promise<unknown> => input

function custom(defaults: FlagOptions = {}) {
  return (options: FlagOptions = {}) => ({
    parse: asGiven,
    ...defaults,
    ...options,
    input: [],
    multiple: Boolean(options.multiple ?? defaults.multiple),
    type: 'option',
  })
}

function boolean(options: FlagOptions = {}) {
  return { parse: asGiven, ...options, allowNo: Boolean(options.allowNo), type: 'boolean' }
}

export const Flags = { boolean, custom, string: custom() }

/** Oclif's life of a command: `init`, `run`, `catch`, `finally`. */
export abstract class Command {
  static aliases: readonly string[] = []
  static args = {}
  static strict = true
  readonly argv: string[]
  readonly config: unknown
  id: string | undefined
  protected parsed = false

  constructor(argv: string[], config: unknown) {
    this.argv = argv
    this.config = config
    this.id = this.ctor.id
  }

  get ctor(): typeof Command & { readonly id?: string } {
    return this.constructor as typeof Command
  }

  abstract run(): Promise<unknown>

  async _run(): Promise<unknown> {
    let failure: Error | undefined
    try {
      await this.init()
      return await this.run()
    } catch (error) {
      failure = error as Error
      return await this.catch(failure)
    } finally {
      await this.finally(failure)
    }
  }

  protected async init(): Promise<void> {}

  protected async catch(error: Error): Promise<unknown> {
    throw error
  }

  protected async finally(_: Error | undefined): Promise<void> {}
}
