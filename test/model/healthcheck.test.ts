import { expect, test } from 'vitest'
import { testIsKnown } from '../../src/model/healthcheck.ts'
import type { Project, Service } from '../../src/model/project.ts'

const problems = (...words: readonly string[]): readonly string[] =>
  testIsKnown({ healthcheck: { test: words } } as unknown as Service, 'web', {} as Project).map((one) => one.message)

test("Docker's words are taken, and two of our own with what they reach", () => {
  const known = [
    ['NONE'],
    ['CMD', 'true'],
    ['CMD-SHELL', 'true'],
    ['TCP', '5432'],
    ['TCP', 'localhost:1'],
    ['TCP', '10.0.0.2:65535'],
    ['TCP', '[::1]:80'],
    ['HTTP', 'http://localhost'],
    ['HTTP', 'http://localhost:8080/health?a=b'],
    ['HTTP', 'http://[::1]/'],
  ]
  for (const words of known) expect(problems(...words), words.join(' ')).toEqual([])
})
test('what they reach must be a port, or an address of this container', () => {
  const wrong = [
    ['TCP'],
    ['TCP', 'db:5432'],
    ['TCP', '0'],
    ['TCP', '65536'],
    ['TCP', '80', '81'],
    ['HTTP', 'https://localhost/'],
    ['HTTP', 'http://web/'],
    ['HTTP', '/health'],
    ['HTTP', 'http://localhost/a b'],
    ['HTTP', 'http://localhost/\r\nHost: x'],
  ]
  for (const words of wrong)
    expect(problems(...words), words.join(' ')).toEqual([
      `the health check of service "web" does not say what ${words[0]} is to reach`,
    ])
  expect(problems('curl')).toEqual(['the health check of service "web" starts with "curl"'])
})
