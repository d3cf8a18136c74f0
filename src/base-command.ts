/** What every command is: oclif's life of a command, Docker's grammar, cancellation, and the one place where errors become text and exit codes. */
import { Command, type Interfaces } from '@oclif/core'
import { UsageError } from './cli/argv.ts'
import { asksForJson } from './cli/asks-for-json.ts'
import { ExitStatus } from './cli/failure.ts'
import { type GlobalFlags, globalFlags } from './cli/global-flags.ts'
import { commandHelp, helpColumns, usageLine } from './cli/help.ts'
import { type Output, processOutput } from './cli/output.ts'
import { paintOn } from './cli/paint-on.ts'
import { readFlags, type ValuedFlags } from './cli/read-flags.ts'
import { reportFailure } from './cli/report-failure.ts'
import { type Interruption, interruptOnSignals } from './cli/signals.ts'
import type { Telling } from './cli/telling.ts'
import type { Diagnostic } from './diagnostic.ts'
import { EXIT } from './diagnostic.ts'
import { renderDiagnostics } from './view/diagnostics.ts'
import { escapeLines, type Paint } from './view/paint.ts'

type Values = Record<string, unknown>
type ParserInput<F extends Values, B extends Values, A extends Values> = Interfaces.Input<F, B, A>

export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags
  static override strict = false
  /** With `false` everything after the first operand belongs to the program that is run. */
  static interspersed = true
  /** How many operands it takes. */
  static operandCount: OperandCount = { least: 0, most: Number.POSITIVE_INFINITY }

  protected output: Output = processOutput()
  /** The flags that were written, as opposed to defaulted. */
  protected written: ReadonlySet<string> = new Set()
  protected operands: readonly string[] = []
  /** `--progress`, or COMPOSE_PROGRESS. */
  protected progress: string | undefined
  /** `--ansi`, or COMPOSE_ANSI. */
  protected ansi: string | undefined
  /** Whether a diagnostic was shown. */
  protected hasWarned = false
  #interruption: Interruption | undefined
  #telling: Telling = {}
  #knowsAudience = false

  /** Fires on SIGINT and SIGTERM. */
  protected get signal(): AbortSignal {
    return this.interruption.signal
  }

  protected get interruption(): Interruption {
    this.#interruption ??= interruptOnSignals()
    return this.#interruption
  }

  protected paintFor(stream: 'out' | 'err'): Paint {
    return paintOn(this.output, this.ansi)(stream)
  }

  /** To stdout; a terminal is not given what it would obey, a pipe gets every byte. */
  protected answer(text: string): void {
    this.output.out(this.output.outIsTerminal ? escapeLines(text) : text)
  }

  protected showDiagnostics(diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length === 0) return
    this.hasWarned = true
    const { instead, besides } = this.#telling
    this.output.err(instead?.(diagnostics) ?? renderDiagnostics(diagnostics, this.paintFor('err')))
    if (besides) this.output.err(besides(diagnostics))
  }

  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: ParserInput<F, B, A>,
    argv: string[] = this.argv,
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    this.parsed = true
    const { interspersed, operandCount } = this.ctor as typeof BaseCommand
    const definition = options ?? this.ctor
    const records = [definition.baseFlags ?? {}, definition.flags ?? {}] as unknown as readonly ValuedFlags[]
    const { values, written, operands, wantsHelp } = await readFlags(argv, { flags: records, interspersed })
    this.ansi = values['no-ansi'] ? 'never' : ((values.ansi as string | undefined) ?? process.env.COMPOSE_ANSI)
    this.progress = (values.progress as string | undefined) ?? process.env.COMPOSE_PROGRESS
    if (wantsHelp) this.#showHelp()
    await this.#findAudience(values.format === 'json' || this.progress === 'json')
    checkOperandCount(operands, operandCount)
    Object.assign(this, { written, operands })
    await this.prepare(values as GlobalFlags)
    return {
      flags: values,
      args: {},
      argv: [...operands],
      raw: [],
      metadata: { flags: {} },
      nonExistentFlags: [],
    } as never
  }

  /** What a command needs before it runs, by the flags that all take. */
  protected async prepare(_globals: GlobalFlags): Promise<void> {}

  /** Who else is told of problems; nothing is loaded where nobody is. */
  async #findAudience(json: boolean): Promise<void> {
    this.#knowsAudience = true
    if (!json && process.env.GITHUB_ACTIONS !== 'true') return
    const { tellingFor } = await import('./cli/telling.ts')
    this.#telling = tellingFor({ json, environment: process.env, cwd: process.cwd() })
  }

  protected override async catch(error: Error): Promise<void> {
    if (!this.#knowsAudience) await this.#findAudience(asksForJson(this.argv, process.env))
    const report = reportFailure(error, {
      paint: this.paintFor('err'),
      interrupted: this.#interruption?.signal.aborted ?? false,
      telling: this.#telling,
      usage: usageLine(this.id ?? '', this.ctor as never),
      program: `tscompose ${(this.id ?? '').replaceAll(':', ' ')}`,
      debug: Boolean(process.env.TSCOMPOSE_DEBUG),
    })
    process.exitCode = report.exitCode
    if (report.text !== '') this.output.err(report.text)
  }

  protected override async finally(_: Error | undefined): Promise<void> {
    this.#interruption?.release()
  }

  #showHelp(): never {
    this.output.out(commandHelp(this.id ?? '', this.ctor as never, helpColumns(this.output.outIsTerminal)))
    throw new ExitStatus(EXIT.done)
  }
}

export interface OperandCount {
  readonly least: number
  readonly most: number
}

function checkOperandCount(operands: readonly string[], { least, most }: OperandCount): void {
  if (operands.length < least)
    throw new UsageError(`requires at least ${least} ${least === 1 ? 'argument' : 'arguments'}`)
  if (operands.length <= most) return
  throw new UsageError(
    most === 0 ? 'accepts no arguments' : `requires at most ${most} ${most === 1 ? 'argument' : 'arguments'}`,
  )
}
