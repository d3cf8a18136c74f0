/**
 * The shape of a canonical project: which attributes there are, in Docker Compose's own order, and how each is read and printed.
 * decode.ts, render.ts and hash.ts walk these tables, so the three can't disagree.
 */

/** How one attribute's value is read. */
export type Type =
  | { readonly kind: Simple }
  /** `optional`: an unset value differs from a zero one, so that a zero is kept. */
  | { readonly kind: 'bool' | 'int' | 'uint' | 'duration'; readonly optional: boolean }
  /** `inline`: never quite absent; an empty one prints as `{}` in JSON and not at all in YAML. */
  | { readonly kind: 'struct'; readonly shape: Shape; readonly inline: boolean }
  | { readonly kind: 'structs'; readonly shape: Shape }
  | { readonly kind: 'map'; readonly shape: Shape; readonly nullable: boolean }

type Simple =
  | 'string'
  | 'float32'
  | 'cpus'
  | 'bytes'
  | 'mode'
  | 'strings'
  | 'texts'
  | 'command'
  | 'test'
  | 'mapping'
  | 'environment'
  | 'options'
  | 'hosts'
  | 'ssh'
  | 'ulimits'
  | 'count'
  | 'envFiles'

export interface Field {
  readonly key: string
  readonly type: Type
  /** Printed even when there is nothing to print: with null in JSON. */
  readonly always?: 'json' | 'both'
  /** A false of it has never been part of Docker Compose's digests. */
  readonly digest?: 'true-only'
  /** The name in JSON, where Docker Compose forgot to give it one. */
  readonly json?: string
}

export interface Shape {
  readonly fields: readonly Field[]
  /** Most elements have a tenth of the fields they may have, so that these are looked up rather than tried one after the other. */
  readonly places: ReadonlyMap<string, number>
  /** Which fields show even where they are absent. */
  readonly lasting: readonly boolean[]
  /** Whether `x-` keys are kept. */
  readonly extensible: boolean
}

const simple = (kind: Simple): Type => ({ kind })
const string = simple('string')
const float32 = simple('float32')
const bytes = simple('bytes')
const strings = simple('strings')
const command = simple('command')
const mapping = simple('mapping')
const environment = simple('environment')
const bool: Type = { kind: 'bool', optional: false }
const maybeBool: Type = { kind: 'bool', optional: true }
const int: Type = { kind: 'int', optional: false }
const maybeInt: Type = { kind: 'int', optional: true }
const uint: Type = { kind: 'uint', optional: false }
const maybeUint: Type = { kind: 'uint', optional: true }
const duration: Type = { kind: 'duration', optional: false }
const maybeDuration: Type = { kind: 'duration', optional: true }
const struct = (shape: Shape): Type => ({ kind: 'struct', shape, inline: false })
const inline = (shape: Shape): Type => ({ kind: 'struct', shape, inline: true })
const structs = (shape: Shape): Type => ({ kind: 'structs', shape })
const mapOf = (shape: Shape): Type => ({ kind: 'map', shape, nullable: false })
const mapOfNullable = (shape: Shape): Type => ({ kind: 'map', shape, nullable: true })

function shape(described: Readonly<Record<string, Type | Omit<Field, 'key'>>>, extensible = true): Shape {
  const fields = Object.entries(described).map(
    ([key, field]): Field => ('kind' in field ? { key, type: field } : { key, ...field }),
  )
  return {
    extensible,
    fields,
    places: new Map(fields.map(({ key }, place) => [key, place])),
    lasting: fields.map(showsAbsence),
  }
}

const showsAbsence = ({ always, type }: Field): boolean =>
  always !== undefined || (type.kind === 'struct' && type.inline)

const HOOK = shape({
  command: { type: command, always: 'json' },
  image: string,
  user: string,
  privileged: bool,
  working_dir: string,
  environment,
  per_replica: bool,
})

const FILE_REFERENCE = shape({ source: string, target: string, uid: string, gid: string, mode: simple('mode') })

const BUILD = shape({
  context: string,
  dockerfile: string,
  dockerfile_inline: string,
  entitlements: strings,
  args: environment,
  provenance: string,
  sbom: string,
  ssh: simple('ssh'),
  labels: mapping,
  cache_from: strings,
  cache_to: strings,
  no_cache: bool,
  no_cache_filter: strings,
  additional_contexts: mapping,
  pull: bool,
  extra_hosts: simple('hosts'),
  isolation: string,
  network: string,
  target: string,
  secrets: structs(FILE_REFERENCE),
  shm_size: bytes,
  tags: strings,
  ulimits: simple('ulimits'),
  platforms: strings,
  privileged: bool,
})

const DEVELOP = shape({
  watch: structs(
    shape({
      path: { type: string, always: 'both' },
      action: { type: string, always: 'both' },
      target: string,
      exec: inline(HOOK),
      include: strings,
      ignore: strings,
      initial_sync: bool,
    }),
  ),
})

const THROTTLE = shape({
  path: { type: string, always: 'both', json: 'Path' },
  rate: { type: bytes, always: 'both', json: 'Rate' },
})

const BLKIO = shape({
  weight: uint,
  weight_device: structs(
    shape({
      path: { type: string, always: 'both', json: 'Path' },
      weight: { type: uint, always: 'both', json: 'Weight' },
    }),
  ),
  device_read_bps: structs(THROTTLE),
  device_read_iops: structs(THROTTLE),
  device_write_bps: structs(THROTTLE),
  device_write_iops: structs(THROTTLE),
})

const DEVICE_REQUEST = shape(
  { capabilities: strings, driver: string, count: simple('count'), device_ids: strings, options: mapping },
  false,
)

const RESOURCE = shape({
  cpus: simple('cpus'),
  memory: bytes,
  pids: int,
  devices: structs(DEVICE_REQUEST),
  generic_resources: structs(
    shape({
      discrete_resource_spec: struct(
        shape({ kind: { type: string, always: 'both' }, value: { type: int, always: 'both' } }),
      ),
    }),
  ),
})

const UPDATE = shape({
  parallelism: maybeUint,
  delay: duration,
  failure_action: string,
  monitor: duration,
  max_failure_ratio: float32,
  order: string,
})

const DEPLOY = shape({
  mode: string,
  replicas: maybeInt,
  labels: mapping,
  update_config: struct(UPDATE),
  rollback_config: struct(UPDATE),
  resources: inline(shape({ limits: struct(RESOURCE), reservations: struct(RESOURCE) })),
  restart_policy: struct(
    shape({ condition: string, delay: maybeDuration, max_attempts: maybeUint, window: maybeDuration }),
  ),
  placement: inline(
    shape({ constraints: strings, preferences: structs(shape({ spread: string })), max_replicas_per_node: uint }),
  ),
  endpoint_mode: string,
})

const HEALTHCHECK = shape({
  test: simple('test'),
  timeout: maybeDuration,
  interval: maybeDuration,
  retries: maybeUint,
  start_period: maybeDuration,
  start_interval: maybeDuration,
  disable: bool,
})

const SERVICE_NETWORK = shape({
  aliases: strings,
  driver_opts: simple('mapping'),
  gw_priority: int,
  interface_name: string,
  ipv4_address: string,
  ipv6_address: string,
  link_local_ips: strings,
  mac_address: string,
  priority: int,
})

const PORT = shape({
  name: string,
  mode: string,
  host_ip: string,
  target: uint,
  published: string,
  protocol: string,
  app_protocol: string,
})

const MOUNT = shape({
  type: string,
  source: string,
  target: string,
  read_only: bool,
  consistency: string,
  bind: struct(
    shape({
      selinux: string,
      propagation: string,
      create_host_path: { type: maybeBool, digest: 'true-only' },
      recursive: string,
    }),
  ),
  volume: struct(shape({ labels: mapping, nocopy: bool, subpath: string })),
  tmpfs: struct(shape({ size: bytes, mode: uint })),
  image: struct(shape({ subpath: string })),
})

/** What `envFiles` are lists of. */
export const ENV_FILE = shape(
  { path: { type: string, always: 'both' }, required: { type: bool, always: 'both' }, format: string },
  false,
)

/** What a limit of `ulimits` is where it is not one number. */
export const ULIMIT = shape({ soft: int, hard: int }, false)

export const SERVICE = shape({
  profiles: strings,
  annotations: mapping,
  attach: maybeBool,
  build: struct(BUILD),
  develop: struct(DEVELOP),
  blkio_config: struct(BLKIO),
  cap_add: strings,
  cap_drop: strings,
  cgroup_parent: string,
  cgroup: string,
  cpu_count: int,
  cpu_percent: float32,
  cpu_period: int,
  cpu_quota: int,
  cpu_rt_period: int,
  cpu_rt_runtime: int,
  cpus: float32,
  cpuset: string,
  cpu_shares: int,
  command: { type: command, always: 'json' },
  configs: structs(FILE_REFERENCE),
  container_name: string,
  credential_spec: struct(shape({ config: string, file: string, registry: string })),
  depends_on: mapOf(shape({ condition: string, restart: bool, required: { type: bool, always: 'both' } })),
  deploy: struct(DEPLOY),
  device_cgroup_rules: strings,
  devices: structs(shape({ source: string, target: string, permissions: string })),
  dns: strings,
  dns_opt: strings,
  dns_search: strings,
  domainname: string,
  entrypoint: { type: command, always: 'json' },
  provider: struct(shape({ type: string, options: simple('options') })),
  environment,
  env_file: simple('envFiles'),
  expose: strings,
  extends: struct(shape({ file: string, service: string }, false)),
  external_links: strings,
  extra_hosts: simple('hosts'),
  group_add: strings,
  gpus: structs(DEVICE_REQUEST),
  hostname: string,
  healthcheck: struct(HEALTHCHECK),
  image: string,
  init: maybeBool,
  ipc: string,
  isolation: string,
  labels: mapping,
  label_file: strings,
  links: strings,
  logging: struct(shape({ driver: string, options: mapping })),
  mem_limit: bytes,
  mem_reservation: bytes,
  memswap_limit: bytes,
  mem_swappiness: bytes,
  mac_address: string,
  models: mapOfNullable(shape({ endpoint_var: string, model_var: string })),
  network_mode: string,
  networks: mapOfNullable(SERVICE_NETWORK),
  oom_kill_disable: bool,
  oom_score_adj: int,
  pid: string,
  pids_limit: int,
  platform: string,
  ports: structs(PORT),
  privileged: bool,
  pull_policy: string,
  read_only: bool,
  restart: string,
  runtime: string,
  scale: maybeInt,
  secrets: structs(FILE_REFERENCE),
  security_opt: strings,
  shm_size: bytes,
  stdin_open: bool,
  stop_grace_period: maybeDuration,
  stop_signal: string,
  storage_opt: simple('texts'),
  sysctls: mapping,
  tmpfs: strings,
  tty: bool,
  ulimits: simple('ulimits'),
  use_api_socket: bool,
  user: string,
  userns_mode: string,
  uts: string,
  volumes: structs(MOUNT),
  volumes_from: strings,
  working_dir: string,
  pre_start: structs(HOOK),
  post_start: structs(HOOK),
  pre_stop: structs(HOOK),
})

const IPAM_POOL = shape({ subnet: string, gateway: string, ip_range: string, aux_addresses: mapping }, false)

export const NETWORK = shape({
  name: string,
  driver: string,
  driver_opts: mapping,
  ipam: inline(shape({ driver: string, config: structs(IPAM_POOL), options: mapping })),
  external: bool,
  internal: bool,
  attachable: bool,
  labels: mapping,
  enable_ipv4: maybeBool,
  enable_ipv6: maybeBool,
})

export const VOLUME = shape({ name: string, driver: string, driver_opts: mapping, external: bool, labels: mapping })

export const FILE_OBJECT = shape({
  name: string,
  file: string,
  environment: string,
  content: string,
  external: bool,
  labels: mapping,
  driver: string,
  driver_opts: simple('texts'),
  template_driver: string,
})

export const MODEL = shape({ name: string, model: string, context_size: int, runtime_flags: strings })
