/** How the program was called, as each command knows it. */
export interface Program {
  /** The folder of the installed package. */
  readonly root: string
  readonly bin: string
  /** The whole command line. */
  readonly words: readonly string[]
}
