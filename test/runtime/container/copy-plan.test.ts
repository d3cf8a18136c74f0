import { expect, test } from 'vitest'
import { archiveName, type FileKind, planCopy } from '../../../src/runtime/container/copy-plan.ts'

const plan = (source: string, kind: FileKind, target: string, there?: FileKind) =>
  planCopy({ path: source, kind }, { path: target, kind: there })

test('into a directory that is there goes the thing under its name, or what is in it', () => {
  expect(plan('/a/file', 'file', '/to', 'directory')).toEqual({ name: 'file', directory: '/to' })
  expect(plan('/a/tree', 'directory', '/to', 'directory')).toEqual({ name: 'tree', directory: '/to' })
  expect(plan('/a/tree/', 'directory', '/to/', 'directory')).toEqual({ name: 'tree', directory: '/to/' })
  expect(plan('/a/tree/.', 'directory', '/to', 'directory')).toEqual({ name: '.', directory: '/to' })
})
test('else it gets the name that was given', () => {
  expect(plan('/a/file', 'file', '/to/new')).toEqual({ name: 'new', directory: '/to' })
  expect(plan('/a/file', 'file', '/to/old', 'file')).toEqual({ name: 'old', directory: '/to' })
  expect(plan('/a/tree/.', 'directory', '/new/')).toEqual({ name: 'new', directory: '/' })
})
test('what contradicts itself is refused', () => {
  expect(() => plan('/a/file/', 'file', '/to', 'directory')).toThrow('"/a/file/" is not a directory')
  expect(() => plan('/a/file', 'file', '/to/')).toThrow('there is no directory "/to/"')
  expect(() => plan('/a/file', 'file', '/to/.', 'file')).toThrow('there is no directory "/to/."')
  expect(() => plan('/a', 'directory', '/to', 'file')).toThrow('can\'t be copied over the file "/to"')
})
test('in an archive the thing has its last name', () => {
  expect(['/a/b', '/a/b/', '/a/.', '/'].map(archiveName)).toEqual(['b', 'b', '.', '.'])
})
