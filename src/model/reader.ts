/** The door through which files reach the model: the caller reads, the model only asks. */

export interface FileReader {
  /** The content of a file, `-` being standard input; undefined when there is no such file. Throws when it can't be read. */
  readonly read: (path: string) => string | Uint8Array | undefined
  /** What stands at a path; undefined for nothing. */
  readonly kind: (path: string) => 'file' | 'directory' | undefined
  /** The path without symbolic links; the path itself when there is nothing at it. */
  readonly realpath: (path: string) => string
}

/** The same files, each looked at once: what a load asks for does not change while it goes on. */
export function remembering(reader: FileReader): FileReader {
  return {
    read: (path) => reader.read(path),
    kind: remember((path) => reader.kind(path)),
    realpath: remember((path) => reader.realpath(path)),
  }
}

function remember<Answer>(ask: (path: string) => Answer): (path: string) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>()
  return (path) => {
    let known = answers.get(path)
    if (!known) {
      known = { answer: ask(path) }
      answers.set(path, known)
    }
    return known.answer
  }
}
