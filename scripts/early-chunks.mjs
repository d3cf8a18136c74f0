/** The files of dist/ that decide whether the rest is loaded at all: each is one file, which shares nothing and is compiled as a whole. */
export const EARLY = ['main.cjs', 'cli-settled-repeat.cjs']
