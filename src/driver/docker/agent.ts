/**
 * Connections to a daemon, kept for further calls. dockerode's transport writes down all it is about to send, connections with everything
 * that hangs on them, whether somebody reads that or not: 40 ms for each call once there are forty. So these tell nothing of themselves.
 */
import { spawn } from 'node:child_process'
import { Agent, type ClientRequestArgs } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { inspect } from 'node:util'

export function plainAgent(): Agent {
  return reticent(new Agent({ keepAlive: true }))
}

export function secureAgent(): Agent {
  return reticent(new SecureAgent({ keepAlive: true }))
}

/** Each connection is an ssh, whose other end talks to the daemon: the user's own keys and settings count. */
export function sshAgent(target: string, port: string): Agent {
  return reticent(new SshAgent(target, port))
}

class SshAgent extends Agent {
  readonly #words: readonly string[]

  constructor(target: string, port: string) {
    super({ keepAlive: true })
    this.#words = [...(port === '' ? [] : ['-p', port]), '--', target, 'docker', 'system', 'dial-stdio']
  }

  override createConnection(_options: ClientRequestArgs): Duplex {
    const child = spawn('ssh', this.#words, { stdio: ['pipe', 'pipe', 'inherit'] })
    const connection = Duplex.from({ readable: child.stdout, writable: child.stdin })
    child.on('error', (error) => connection.destroy(error))
    connection.on('close', () => child.kill())
    const parts = [child, child.stdin as Socket, child.stdout as Socket]
    const each = (verb: 'ref' | 'unref'): void => {
      for (const part of parts) part[verb]()
    }
    return Object.assign(connection, {
      ...WITHOUT_EFFECT,
      // One that is kept for later calls keeps no command from ending.
      ref: () => each('ref'),
      unref: () => each('unref'),
    })
  }
}

/** What Node's client asks of every connection, and a program's pipes have not got. */
const WITHOUT_EFFECT = { setKeepAlive: () => {}, setNoDelay: () => {}, setTimeout: () => {} }

function reticent<T extends Agent>(agent: T): T {
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' })
}
