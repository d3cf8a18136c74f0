/** The door through which files reach the model: the caller reads, the model only asks. */

export interface FileReader {
  /** The content of a file, `-` being standard input; undefined when there is no such file. Throws when it can't be read. */
  readonly read: (path: string) => string | Uint8Array | undefined
  /** What stands at a path; undefined for nothing. */
  readonly kind: (path: string) => 'file' | 'directory' | undefined
  /** The path without symbolic links; the path itself when there is nothing at it. */
  readonly realpath: (path: string) => string
}
