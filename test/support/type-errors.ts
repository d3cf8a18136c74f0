/** What TypeScript says, under the options of the repository, about files that stand in one of its folders only as if. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))
const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config.config, { ...ts.sys, readDirectory: () => [] }, root)

/** From a file's name to its messages; `texts` is from its name to what it holds. */
export function typeErrors(
  texts: Readonly<Record<string, string>>,
  folder: URL,
): Readonly<Record<string, readonly string[]>> {
  const paths = new Map(Object.entries(texts).map(([name, text]) => [fileURLToPath(new URL(name, folder)), text]))
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (asked) => paths.has(asked) || fileExists(asked)
  host.getSourceFile = (asked, version, ...rest) => {
    const text = paths.get(asked)
    return text === undefined ? getSourceFile(asked, version, ...rest) : ts.createSourceFile(asked, text, version, true)
  }
  const program = ts.createProgram([...paths.keys()], { ...options, types: [] }, host)
  return Object.fromEntries(
    Object.keys(texts).map((name) => {
      const file = program.getSourceFile(fileURLToPath(new URL(name, folder)))
      const messages = ts.getPreEmitDiagnostics(program, file)
      return [name, messages.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))]
    }),
  )
}
