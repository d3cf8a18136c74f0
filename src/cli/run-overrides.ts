/** What the flags of `run` make of a service for this once. Nothing is done here, and only `--env-from-file` is read. */
import { posix } from 'node:path'
import { readEnvFiles } from '../model/environment.ts'
import { noFindings } from '../model/findings.ts'
import type { Mount, Port, Project, Service } from '../model/project.ts'
import { splitCommand } from '../model/short/command.ts'
import { parsePorts } from '../model/short/port.ts'
import { parseVolume } from '../model/short/volume.ts'
import { Refusal } from './failure.ts'
import { fileReader } from './file-reader.ts'
import type { RunFlags } from './run-flags.ts'

export interface Override {
  readonly project: Project
  readonly service: Service
  readonly flags: RunFlags
  /** What is run instead of the service's command; empty for that. */
  readonly command: readonly string[]
  readonly tty: boolean
}

/** The service as it is run: alone, once, without its ports unless they are asked for. */
export function overridden({ project, service, flags, command, tty }: Override): Service {
  const { restart: _restart, ports: _ports, scale: _scale, deploy, container_name: _name, ...kept } = service
  const { restart_policy: _policy, replicas: _replicas, ...deployed } = deploy ?? {}
  return {
    ...kept,
    ...(deploy && { deploy: deployed }),
    ...portsOf(service, flags),
    tty,
    stdin_open: flags.interactive && !flags.detach,
    ...(command.length > 0 && { command }),
    ...entrypointOf(flags, command),
    ...(flags.user && { user: flags.user }),
    ...(flags.workdir && { working_dir: flags.workdir }),
    ...capabilitiesOf(service, flags),
    environment: { ...service.environment, ...environmentOf(project, flags) },
    labels: { ...service.labels, ...labelsOf(flags.label) },
    volumes: [...(service.volumes ?? []), ...flags.volume.map((text) => toMount(text, project.workingDir))],
  }
}

/** An entrypoint of one's own leaves the image's command out as well. */
function entrypointOf(flags: RunFlags, command: readonly string[]): Partial<Service> {
  if (!flags.entrypoint) return {}
  const entrypoint = splitCommand(flags.entrypoint)
  if (entrypoint === undefined) throw new Refusal(`invalid --entrypoint ${JSON.stringify(flags.entrypoint)}`)
  return { entrypoint, ...(command.length === 0 && { command: [] }) }
}

/** What is added is not dropped any more, and the other way round. */
function capabilitiesOf(service: Service, flags: RunFlags): Partial<Service> {
  const [add, drop] = [flags['cap-add'], flags['cap-drop']]
  if (add.length === 0 && drop.length === 0) return {}
  const added = [...(service.cap_add ?? []), ...add]
  const dropped = [...(service.cap_drop ?? []).filter((one) => !add.includes(one)), ...drop]
  return { cap_add: added.filter((one) => !drop.includes(one)), cap_drop: dropped }
}

/** `NAME` alone is taken from the environment, and left out where there is none. What is said by `-e` wins over files. */
function environmentOf({ environment }: Project, flags: RunFlags): Readonly<Record<string, string>> {
  const said = new Map<string, string>()
  for (const entry of flags.env) {
    const equals = entry.indexOf('=')
    const name = equals < 0 ? entry : entry.slice(0, equals)
    const value = equals < 0 ? environment[name] : entry.slice(equals + 1)
    if (value !== undefined) said.set(name, value)
  }
  const files = flags['env-from-file']
  if (files.length === 0) return Object.fromEntries(said)
  const read = readEnvFiles(said, { files, cwd: process.cwd(), reader: fileReader, findings: noFindings() })
  return Object.fromEntries([...read.variables, ...said])
}

function labelsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=')
      if (equals < 0) throw new Refusal('label must be set as KEY=VALUE')
      return [text.slice(0, equals), text.slice(equals + 1)]
    }),
  )
}

function portsOf(service: Service, flags: RunFlags): Partial<Service> {
  if (flags['service-ports']) return service.ports ? { ports: service.ports } : {}
  return flags.publish.length === 0 ? {} : { ports: flags.publish.flatMap(toPorts) }
}

function toPorts(text: string): readonly Port[] {
  const parsed = parsePorts(text)
  if (typeof parsed === 'string')
    throw new Refusal(`"${text}" is not a port: ${parsed}`, 'write CONTAINER, HOST:CONTAINER or IP:HOST:CONTAINER')
  return parsed.map(({ hostIp, published, target, protocol }) => ({
    mode: 'ingress',
    target,
    protocol,
    ...(hostIp && { host_ip: hostIp }),
    ...(published && { published }),
  }))
}

function toMount(text: string, workingDir: string): Mount {
  const parsed = parseVolume(text)
  if (parsed.kind === 'bad')
    throw new Refusal(`"${text}" is not a volume: ${parsed.reason}`, 'write SOURCE:TARGET, SOURCE:TARGET:ro, or TARGET')
  const { source, readOnly, isPath, nocopy, propagation, selinux } = parsed
  const common = { target: posix.normalize(parsed.target), ...(readOnly && { read_only: true }) }
  if (!isPath)
    return { type: 'volume', ...(source && { source }), ...common, volume: { ...(nocopy && { nocopy: true }) } }
  const bind = {
    create_host_path: true,
    ...(propagation && { propagation }),
    ...(selinux && { selinux: selinux as 'z' | 'Z' }),
  }
  return { type: 'bind', source: onHost(source, workingDir), ...common, bind }
}

function onHost(path: string, workingDir: string): string {
  const home = process.env.HOME
  return posix.resolve(workingDir, home && /^~(\/|$)/.test(path) ? `${home}${path.slice(1)}` : path)
}
