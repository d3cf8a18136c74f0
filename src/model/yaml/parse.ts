/** YAML text to nodes: what is wrong with it becomes one diagnostic, for behind the first mistake nothing can be trusted. */
import { type Findings, report, settle } from '../findings.ts'
import type { Source } from '../tree/source.ts'
import { build, type DocumentTree } from './build.ts'
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
    const { message, hint, start, end } = error
    report(findings, { code: 'yaml-syntax', message, hint, at: { source, start, end } })
    return []
  }
}
