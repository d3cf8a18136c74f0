/** The projects of a machine, as `docker compose ls` shows them. Pure. */
import { LABEL, type ObservedContainer } from '../driver/driver.ts'
import { goJson } from './go-template/values.ts'
import { renderTable } from './table.ts'

export interface ProjectSummary {
  readonly name: string
  /** `running(2)`, or several of these. */
  readonly status: string
  readonly configFiles: string
}

/** By name. */
export function summarizeProjects(containers: readonly ObservedContainer[]): readonly ProjectSummary[] {
  const projects = new Map<string, ObservedContainer[]>()
  for (const container of containers) {
    const name = container.labels[LABEL.project]
    if (name !== undefined) projects.set(name, [...(projects.get(name) ?? []), container])
  }
  return [...projects]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, ones]) => ({ name, status: statusOf(ones), configFiles: filesOf(ones) }))
}

function statusOf(containers: readonly ObservedContainer[]): string {
  const counts = new Map<string, number>()
  for (const { status } of containers) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${status}(${count})`)
    .join(', ')
}

function filesOf(containers: readonly ObservedContainer[]): string {
  const files = containers.flatMap(({ labels }) => (labels[LABEL.configFiles] ?? '').split(','))
  return [...new Set(files.filter((file) => file !== ''))].join(',') || 'N/A'
}

export function renderProjects(projects: readonly ProjectSummary[]): string {
  const rows = projects.map(({ name, status, configFiles }) => [name, status, configFiles])
  return renderTable([['NAME', 'STATUS', 'CONFIG FILES'], ...rows], { leastWidth: 20 })
}

export function renderProjectsAsJson(projects: readonly ProjectSummary[]): string {
  const rows = projects.map(({ name, status, configFiles }) => ({
    Name: name,
    Status: status,
    ConfigFiles: configFiles,
  }))
  return `${goJson(rows)}\n`
}
