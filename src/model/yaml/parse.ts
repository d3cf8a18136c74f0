/** YAML text to nodes, or every mistake in it. */
import { type Findings, settle } from '../findings.ts'
import type { Source } from '../tree/source.ts'
import { build, type DocumentTree } from './build.ts'
import { reportSyntax } from './recover.ts'
import { scannerOf } from './scan.ts'
import { YamlError } from './token.ts'

/** Every document of a file, in order. */
export function parseYaml(source: Source, findings: Findings): readonly DocumentTree[] {
  const documents = readDocuments(source, findings)
  settle(findings)
  return documents
}

function readDocuments(source: Source, findings: Findings): readonly DocumentTree[] {
  try {
    return build(scannerOf(source.text), source, findings)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    reportSyntax(source, error, findings)
    return []
  }
}
