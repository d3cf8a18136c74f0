import { describe, expect, test } from 'vitest'
import { familiarName, fullName, parseReference } from '../../../src/runtime/image/reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('parseReference', () => {
  test.each([
    ['redis', 'docker.io/library/redis:latest', 'redis:latest'],
    ['redis:7', 'docker.io/library/redis:7', 'redis:7'],
    ['owner/app', 'docker.io/owner/app:latest', 'owner/app:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest', 'redis:latest'],
    ['index.docker.io/library/redis:7', 'docker.io/library/redis:7', 'redis:7'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
    ['localhost:5000/a/b/c:1.2', 'localhost:5000/a/b/c:1.2', 'localhost:5000/a/b/c:1.2'],
    ['ghcr.io/owner/app', 'ghcr.io/owner/app:latest', 'ghcr.io/owner/app:latest'],
    ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
    [`redis@${digest}`, `docker.io/library/redis@${digest}`, `redis@${digest}`],
    [`redis:7@${digest}`, `docker.io/library/redis@${digest}`, `redis@${digest}`],
    ['my__app-x.y', 'docker.io/library/my__app-x.y:latest', 'my__app-x.y:latest'],
  ])('%s is %s', (text, full, familiar) => {
    expect(fullName(parseReference(text))).toBe(full)
    expect(familiarName(parseReference(text))).toBe(familiar)
  })

  test.each([
    ['', 'it has no name'],
    ['Redis', 'must be lower case'],
    ['redis:', '"" is not a tag'],
    ['redis:-7', '"-7" is not a tag'],
    [`redis:${'7'.repeat(129)}`, 'is not a tag'],
    ['redis@sha256:abc', '"sha256:abc" is not a sha256 digest'],
    ['redis@sha512:abc', 'is not a sha256 digest'],
    ['a..b', 'is not the name of a repository'],
    ['../../etc/passwd', '".." is not the name of a registry'],
    ['owner//app', 'is not the name of a repository'],
    ['-host.io/app', '"-host.io" is not the name of a registry'],
    ['redis 7', 'is not the name of a repository'],
    ['a'.repeat(64), '64 hexadecimal digits'],
    [`x/${'y'.repeat(255)}`, 'longer than 255'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => parseReference(text)).toThrow(`"${text}" is not a valid image reference`)
    expect(() => parseReference(text)).toThrow(why)
  })

  test('reading what was written gives the same name', () => {
    for (const text of ['redis', 'ghcr.io/a/b:1', `x@${digest}`]) {
      const full = fullName(parseReference(text))
      expect(fullName(parseReference(full))).toBe(full)
      expect(fullName(parseReference(familiarName(parseReference(text))))).toBe(full)
    }
  })
})
