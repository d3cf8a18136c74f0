/**
 * How a health check is run: Docker's words, and two of our own for images that have no program to ask with.
 * `[TCP, PORT]` is healthy when something listens, `[HTTP, ADDRESS]` when it answers with a status below 400.
 */
import type { Problem, Rule } from './problem.ts'

const DOCKERS = ['CMD', 'CMD-SHELL', 'NONE']
const PATH = ['healthcheck', 'test']

export const testIsKnown: Rule = ({ healthcheck }, name) => {
  const [first, ...rest] = healthcheck?.test ?? []
  if (first === undefined || DOCKERS.includes(first)) return []
  if (first === 'TCP') return rest.length === 1 && isTarget(rest[0] ?? '') ? [] : [badTarget(name, TCP)]
  if (first === 'HTTP') return rest.length === 1 && isAddress(rest[0] ?? '') ? [] : [badTarget(name, HTTP)]
  return [
    {
      code: 'bad-healthcheck',
      message: `the health check of service "${name}" starts with "${first}"`,
      hint: 'a list starts with CMD, CMD-SHELL or NONE, or with TCP or HTTP',
      path: PATH,
    },
  ]
}

const TCP = { word: 'TCP', hint: 'write [TCP, "5432"], or an IP address and a port' }
const HTTP = { word: 'HTTP', hint: 'write [HTTP, "http://localhost/health"], with localhost or an IP address' }

function badTarget(name: string, { word, hint }: typeof TCP): Problem {
  const message = `the health check of service "${name}" does not say what ${word} is to reach`
  return { code: 'bad-healthcheck', message, hint, path: PATH }
}

/** `PORT`, or `HOST:PORT`. */
function isTarget(text: string): boolean {
  const [, host = 'localhost', port = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  return isHost(host) && isPort(port)
}

/** No name is looked up but this one: others mean something inside of the container only. */
function isHost(host: string): boolean {
  return host === 'localhost' || /^\d{1,3}([.]\d{1,3}){3}$/.test(host) || /^\[[0-9a-fA-F:.]+\]$/.test(host)
}

function isPort(port: string): boolean {
  return Number(port) >= 1 && Number(port) <= 65_535
}

function isAddress(text: string): boolean {
  const [, host, port = '80'] = /^http:[/][/](\[[^\]/]+\]|[^:/]+)(?::(\d{1,5}))?(?:[/][!-~]*)?$/.exec(text) ?? []
  return host !== undefined && isHost(host) && isPort(port)
}
