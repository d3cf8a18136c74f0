import { expect, test } from 'vitest'
import { dependenciesOfProject } from '../../src/planner/dependencies.ts'
import { renderDot, renderGraph, renderMermaid } from '../../src/view/graph.ts'
import { loadText } from '../support/load-text.ts'

const dependencies = dependenciesOfProject(
  loadText(`
name: shop
services:
  web: { image: x, depends_on: { api: { condition: service_started, restart: true }, cache: { condition: service_started, required: false } } }
  api: { image: x, depends_on: { db: { condition: service_healthy }, init: { condition: service_completed_successfully } } }
  init: { image: x, depends_on: { db: { condition: service_healthy } } }
  worker: { image: x, depends_on: [api], network_mode: "service:db" }
  cache: { image: x }
  db: { image: x }
`),
)

test('each service that nobody needs is the root of a tree, and what was drawn is not drawn again', () => {
  expect(renderGraph(dependencies)).toBe(`web
├─ api (started, restarts with it)
│  ├─ db (healthy)
│  └─ init (completed)
│     └─ db (healthy)
└─ cache (started, optional)
worker
├─ api (started), see above
└─ db (started, restarts with it)
`)
})

test('a project without dependencies is a list, and one without services is empty', () => {
  expect(renderGraph(dependenciesOfProject(loadText('services: { b: { image: x }, a: { image: x } }')))).toBe('a\nb\n')
  expect(renderGraph(new Map())).toBe('')
})

test('Graphviz draws it, with dashes for what is optional', () => {
  expect(renderDot('shop', dependencies)).toBe(`digraph "shop" {
  rankdir=LR;
  node [shape=box];
  "api";
  "cache";
  "db";
  "init";
  "web";
  "worker";
  "api" -> "db" [label="healthy"];
  "api" -> "init" [label="completed"];
  "init" -> "db" [label="healthy"];
  "web" -> "api" [label="started, restarts with it"];
  "web" -> "cache" [label="started, optional", style=dashed];
  "worker" -> "api" [label="started"];
  "worker" -> "db" [label="started, restarts with it"];
}
`)
})

test('Mermaid draws it, whatever the services are called', () => {
  const named = dependenciesOfProject(
    loadText('services: { end: { image: x, depends_on: [graph] }, graph: { image: x } }'),
  )
  expect(renderMermaid(named)).toBe('flowchart LR\n  s1["end"]\n  s2["graph"]\n  s1 -->|started| s2\n')
  expect(renderMermaid(dependencies)).toContain('  s5 -.->|started, optional| s2\n')
})
