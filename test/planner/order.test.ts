import fc from 'fast-check'
import toposort from 'toposort'
import { expect, test } from 'vitest'
import {
  CycleError,
  closureOf,
  dependentsOf,
  type Graph,
  levelsOf,
  nearestOf,
  orderOf,
} from '../../src/planner/order.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
/** Any graph over a few names, cycles and needs that are not listed included. */
const anyGraph = fc
  .dictionary(fc.constantFrom(...names), fc.array(fc.constantFrom(...names), { maxLength: 4 }))
  .map((record): Graph => new Map(Object.entries(record)))
/** Names need only earlier ones. */
const acyclic = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.array(fc.nat(6), { maxLength: 4 })))
  .map(
    (rows): Graph =>
      new Map(
        rows.map(([name, needs]) => [name, needs.map((index) => names[index] as string).filter((need) => need < name)]),
      ),
  )

const edgesOf = (graph: Graph): [string, string][] =>
  [...graph].flatMap(([name, needs]) =>
    needs.filter((need) => graph.has(need)).map((need): [string, string] => [name, need]),
  )

test('everything comes after what it needs, and nothing is lost', () => {
  fc.assert(
    fc.property(acyclic, (graph) => {
      const order = orderOf(graph)
      expect([...order].sort()).toEqual([...graph.keys()].sort())
      for (const [name, need] of edgesOf(graph)) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name))
    }),
  )
})

test('toposort finds a cycle exactly where we do', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const succeeds = (sort: () => unknown): boolean => {
        try {
          sort()
          return true
        } catch {
          return false
        }
      }
      expect(succeeds(() => orderOf(graph))).toBe(succeeds(() => toposort.array([...graph.keys()], edgesOf(graph))))
    }),
  )
})

test('a cycle is named by its path', () => {
  const graph = new Map([
    ['a', []],
    ['b', ['a', 'd']],
    ['c', ['b']],
    ['d', ['c']],
  ])
  expect(() => orderOf(graph)).toThrow(new CycleError(['b', 'd', 'c', 'b']))
})

test('a level holds all that has become possible, in the order of the graph', () => {
  const graph = new Map([
    ['web', ['db', 'cache']],
    ['cache', []],
    ['db', []],
    ['proxy', ['web']],
    ['cron', ['db']],
  ])
  expect(levelsOf(graph)).toEqual([['cache', 'db'], ['web', 'cron'], ['proxy']])
})

test('dependents are the same edges from the other end', () => {
  const graph = new Map([
    ['web', ['db', 'db']],
    ['db', []],
  ])
  expect(dependentsOf(graph)).toEqual(
    new Map([
      ['web', []],
      ['db', ['web']],
    ]),
  )
})

test('a closure holds what can be reached', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', []],
    ['d', ['a']],
  ])
  expect([...closureOf(graph, ['b'])].sort()).toEqual(['b', 'c'])
})

test('the nearest accepted names are found behind those that are not', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['d']],
    ['c', ['d']],
    ['d', ['e']],
    ['e', []],
  ])
  expect([...nearestOf(graph, 'a', (name) => name === 'c' || name === 'd')].sort()).toEqual(['c', 'd'])
})
