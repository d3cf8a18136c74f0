// The declarations of the library's types: of its entry, and of whatever they mention, file by file.
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'

const IMPORT = /(\bfrom ['"])([.][^'"]*)[.]ts(['"])/g

/** Pairs of file and text. They are `.d.cts`, as the library is CommonJS. */
export function declarationsOf(entry, folder) {
  const waiting = [entry]
  const found = new Map()
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    if (found.has(file)) continue
    const text = declare(join(folder, file))
    found.set(
      file,
      text.replace(IMPORT, (_, before, path, after) => `${before}${path}.cjs${after}`),
    )
    waiting.push(...[...text.matchAll(IMPORT)].map(([, , path]) => posix.join(posix.dirname(file), `${path}.ts`)))
  }
  return [...found].map(([file, text]) => [file.replace(/[.]ts$/, '.d.cts'), text])
}

function declare(fileName) {
  const compilerOptions = { isolatedDeclarations: true, target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext }
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(fileName, 'utf8'), {
    fileName,
    compilerOptions,
    reportDiagnostics: true,
  })
  const problems = (diagnostics ?? []).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  if (problems.length > 0) throw new Error(`${fileName} can't be declared: ${problems.join('; ')}`)
  return outputText
}
