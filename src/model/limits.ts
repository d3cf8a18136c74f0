/**
 * How large a project may be. Docker Compose has no such limits: a few hundred bytes can take all of a machine's memory there. These are
 * far above what people write, and low enough that a file made to do harm is refused within a second and 300 MB.
 */

/** Bytes of one file. Five thousand services are 4 to 6 MB. */
export const LONGEST_FILE = 10 * 2 ** 20

/** Levels of nesting in a document. Compose has ten; thousands overflow the stack of every program that walks them. */
export const DEEPEST_NESTING = 200

/** Values of a document, keys among them, with aliases written out. Five thousand services have 400,000. */
export const MOST_VALUES_IN_DOCUMENT = 750_000

/** Values of a project: what its documents hold with extends, includes, ranges and variables written out. */
export const MOST_VALUES = 1_000_000

/** Characters of all texts of a project, aliases, variables and env files written out. */
export const MOST_CHARACTERS = 16 * 2 ** 20

/** Documents that are laid over each other, each counted as often as it is read: by -f, include, extends or as one of several in a file. */
export const MOST_DOCUMENTS = 1_000

/** Files that lead to each other by include, and services by extends. */
export const LONGEST_CHAIN = 100

/** Problems that are told one by one. The others are counted. */
export const MOST_FINDINGS = 1_000

/** Characters of a message: nobody reads a name of a megabyte. */
export const LONGEST_MESSAGE = 1_000

/** Characters of a path. Linux takes no longer one. */
export const LONGEST_PATH = 4_096

/** Characters of a number or a size: a float has 309 digits at most. */
export const LONGEST_NUMBER = 400
