/** Rules about single elements that a schema can't express, as a table keyed by path. */
import { type Findings, report } from './findings.ts'
import type { Path } from './project.ts'
import { about } from './provenance.ts'
import { isAddress } from './short/port.ts'
import { child, type Node, text } from './tree/node.ts'
import { below, compileRules, type Rules } from './tree/rules.ts'

type Check = (node: Node, path: Path, findings: Findings) => void

export function checkElements(root: Node, findings: Findings): void {
  const visit = (node: Node, rules: Rules<Check>, path: Path): void => {
    const inside = (value: Node, key: string | number): void => {
      const inner = below(rules, String(key))
      if (inner) visit(value, inner, [...path, key])
    }
    if (rules.rule) rules.rule(node, path, findings)
    else if (node.kind === 'map') node.entries.forEach(({ value }, key) => void inside(value, key))
    else if (node.kind === 'list') node.items.forEach(inside)
  }
  visit(root, CHECKS, [])
}

/** What somebody else made can't be described here. */
const externalVolume: Check = (node, path, findings) => {
  const external = child(node, 'external')
  if (node.kind !== 'map' || external?.kind !== 'scalar' || external.value !== true) return
  for (const [key, { key: at }] of node.entries) {
    if (key === 'name' || key === 'external' || key.startsWith('x-')) continue
    const message = `"${path.join('.')}" is external, so it can't have "${key}"`
    report(findings, {
      code: 'external-conflict',
      message,
      hint: `remove "external", or "${key}"`,
      at: at ?? external.at,
      notes: [{ message: '"external" is here', at: external.at }],
    })
  }
}

const fileObject =
  (...sources: readonly string[]): Check =>
  (node, path, findings) => {
    if (node.kind !== 'map') return
    const given = sources.filter((source) => node.entries.has(source))
    const name = path.join('.')
    if (given.length > 1) {
      const message = `"${name}" has several contents: ${given.join(', ')}`
      report(findings, {
        code: 'several-contents',
        message,
        hint: 'keep one of them',
        at: node.entries.get(given[1] ?? '')?.key ?? node.at,
        notes: [{ message: `"${given[0]}" is here`, at: node.entries.get(given[0] ?? '')?.key }],
      })
    }
    if (given.length > 0 || node.entries.has('driver') || node.entries.has('external')) return
    report(findings, {
      code: 'no-content',
      message: `"${name}" has no content`,
      hint: `add one of ${sources.join(', ')}`,
      at: node.at,
    })
  }

const hostAddress: Check = (node, path, findings) => {
  const ip = child(node, 'host_ip')
  const address = text(ip)
  if (address === undefined || isAddress(address)) return
  report(findings, {
    code: 'bad-address',
    message: `"${path.join('.')}": "${address}" is not an IP address`,
    hint: 'write an address such as 127.0.0.1 or ::1',
    ...about(ip ?? node),
  })
}

const boundSource: Check = (node, path, findings) => {
  const type = child(node, 'type')
  if (text(type) !== 'bind' || child(node, 'source')) return
  report(findings, {
    code: 'no-source',
    message: `"${path.join('.')}" binds no path of the host`,
    hint: 'add "source:"',
    at: type?.at,
  })
}

const watchedPath: Check = (node, path, findings) => {
  if (text(node) === '')
    report(findings, {
      code: 'bad-value',
      message: `"${path.join('.')}" is empty`,
      hint: 'name a file or directory',
      ...about(node),
    })
}

const deviceRequest: Check = (node, path, findings) => {
  if (!child(node, 'count') || !child(node, 'device_ids')) return
  const message = `"${path.join('.')}" has both "count" and "device_ids"`
  report(findings, {
    code: 'device-conflict',
    message,
    hint: 'keep one of them',
    at: child(node, 'count')?.at ?? node.at,
    notes: [{ message: '"device_ids" is here', at: child(node, 'device_ids')?.at }],
  })
}

const CHECKS: Rules<Check> = compileRules<Check>([
  ['volumes.*', externalVolume],
  ['configs.*', fileObject('file', 'environment', 'content')],
  ['secrets.*', fileObject('file', 'environment')],
  ['services.*.ports.*', hostAddress],
  ['services.*.volumes.*', boundSource],
  ['services.*.develop.watch.*.path', watchedPath],
  ['services.*.deploy.resources.reservations.devices.*', deviceRequest],
  ['services.*.gpus.*', deviceRequest],
])
