// Generated from src/model/shape.ts, schemas/compose.json and scripts/types by scripts/generate.mjs; do not edit.

/** The elements of a canonical project. An attribute that is absent was not said, or is what it is by default. */
import type { Bytes, Duration, Extensible, FileMode } from './value-forms.ts'

/**
 * One service: what its containers are made from and how they run.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md
 */
export interface Service extends Extensible {
  /**
   * Profiles that switch the service on. One without any is always on.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#profiles
   */
  readonly profiles?: readonly string[]
  /**
   * Annotations of the container, for the runtime and its hooks.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#annotations
   */
  readonly annotations?: Readonly<Record<string, string>>
  /**
   * Whether `up` shows what the service logs.
   * Default: true.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#attach
   */
  readonly attach?: boolean
  /**
   * How the image is built from source.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#build
   */
  readonly build?: Build
  /**
   * What is to happen when source files change during development.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#develop
   */
  readonly develop?: Develop
  /**
   * Weights and limits of reading from and writing to block devices.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#blkio_config
   */
  readonly blkio_config?: BlkioConfig
  /**
   * Linux capabilities that the container gets beyond the default ones, such as `NET_ADMIN`; `ALL` for every one.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cap_add
   */
  readonly cap_add?: readonly string[]
  /**
   * Linux capabilities that are taken from the container; `ALL` for every one.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cap_drop
   */
  readonly cap_drop?: readonly string[]
  /**
   * The cgroup below which the container gets its own.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cgroup_parent
   */
  readonly cgroup_parent?: string
  /**
   * The cgroup namespace: of the `host`, or a `private` one.
   * Default: the runtime's choice.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cgroup
   */
  readonly cgroup?: 'host' | 'private'
  /**
   * How many processors the container may use.
   * Unit: whole processors.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpu_count
   */
  readonly cpu_count?: number
  /**
   * How much of the available processor time the container may use.
   * Unit: percent.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpu_percent
   */
  readonly cpu_percent?: number
  /**
   * The period in which the kernel hands out `cpu_quota`.
   * Unit: microseconds.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpu_period
   */
  readonly cpu_period?: number
  /**
   * Processor time that the container may use in each `cpu_period`.
   * Unit: microseconds.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpu_quota
   */
  readonly cpu_quota?: number
  /**
   * The period in which the kernel hands out `cpu_rt_runtime`.
   * Unit: microseconds.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpu_rt_period
   */
  readonly cpu_rt_period?: number
  /**
   * Processor time for realtime tasks in each `cpu_rt_period`.
   * Unit: microseconds.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpu_rt_runtime
   */
  readonly cpu_rt_runtime?: number
  /**
   * How much processor time the container may use at most.
   * Unit: processors, in fractions: `1.5`.
   * Default: no limit.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpus
   */
  readonly cpus?: number
  /**
   * The processors that the container may run on: a range such as `0-3`, or a list such as `0,1`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpuset
   */
  readonly cpuset?: string
  /**
   * The share of processor time when there is not enough for all.
   * Unit: a weight, relative to the other containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#cpu_shares
   */
  readonly cpu_shares?: number
  /**
   * The words of the command that the container runs.
   * Absent: the image's. Empty: none, the image's is cleared.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#command
   */
  readonly command?: readonly string[]
  /**
   * Configs of the project that the containers see as files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
   */
  readonly configs?: readonly FileReference[]
  /**
   * The name of the one container; more than one is refused then.
   * Default: `PROJECT-SERVICE-NUMBER`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#container_name
   */
  readonly container_name?: string
  /**
   * The credentials of a managed service account, for Windows containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#credential_spec
   */
  readonly credential_spec?: CredentialSpec
  /**
   * What is started before this service and stopped after it, keyed by service.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#depends_on
   */
  readonly depends_on?: Readonly<Record<string, Dependency>>
  /**
   * How many containers there are, with which resources, and how they are replaced.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#deploy
   */
  readonly deploy?: Deploy
  /**
   * Rules about devices in the kernel's notation: `c 1:3 mr`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_cgroup_rules
   */
  readonly device_cgroup_rules?: readonly string[]
  /**
   * Devices of the host that the container may use.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#devices
   */
  readonly devices?: readonly DeviceMapping[]
  /**
   * Addresses of the name servers that the container asks.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#dns
   */
  readonly dns?: readonly string[]
  /**
   * Options of the resolver, as in `/etc/resolv.conf`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#dns_opt
   */
  readonly dns_opt?: readonly string[]
  /**
   * Domains that short names are looked up in.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#dns_search
   */
  readonly dns_search?: readonly string[]
  /**
   * The domain name of the container, as RFC 1123 has it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#domainname
   */
  readonly domainname?: string
  /**
   * The words of the program that `command` is handed to.
   * Absent: the image's. Empty: none, the image's is cleared. With one, the image's own command is not used.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#entrypoint
   */
  readonly entrypoint?: readonly string[]
  /**
   * The program that runs this service instead of a container.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#provider
   */
  readonly provider?: Provider
  /**
   * Environment variables of the container.
   * `null`: named without a value, and the project's environment has none either.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#environment
   */
  readonly environment?: Readonly<Record<string, string | null>>
  /**
   * Files of environment variables; of two that set one, the later wins, and `environment` wins over all.
   * Absent after loading: what the files say stands in `environment`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file
   */
  readonly env_file?: readonly EnvFile[]
  /**
   * Ports that other services may reach and that are not published: `PORT` or `FROM-TO`, with `/PROTOCOL` or without.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#expose
   */
  readonly expose?: readonly string[]
  /**
   * The service that this one is laid over.
   * Absent after loading, except where the service it names is empty.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
   */
  readonly extends?: Extends
  /**
   * Containers of other projects that are reached by name: `CONTAINER` or `CONTAINER:ALIAS`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#external_links
   */
  readonly external_links?: readonly string[]
  /**
   * Lines for the container's `/etc/hosts`.
   * Form: `HOST=ADDRESS`, sorted.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extra_hosts
   */
  readonly extra_hosts?: readonly string[]
  /**
   * Groups, by name or number, that the container's user is in besides its own.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#group_add
   */
  readonly group_add?: readonly string[]
  /**
   * Graphics processors that are reserved for the container.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#gpus
   */
  readonly gpus?: readonly DeviceRequest[]
  /**
   * The host name of the container, as RFC 1123 has it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#hostname
   */
  readonly hostname?: string
  /**
   * How it is found out whether a container works; laid over the image's own check.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly healthcheck?: HealthCheck
  /**
   * The image that containers are made from: `[REGISTRY/][PATH/]NAME[:TAG|@DIGEST]`.
   * May be absent where there is a `build`, which then gives the name `PROJECT-SERVICE`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#image
   */
  readonly image?: string
  /**
   * Whether a small first process passes on signals and reaps processes.
   * Default: false.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#init
   */
  readonly init?: boolean
  /**
   * The IPC namespace: `shareable`, `service:NAME`, or what the platform offers, such as `host`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ipc
   */
  readonly ipc?: string
  /**
   * How containers are kept apart; the values are the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#isolation
   */
  readonly isolation?: string
  /**
   * Labels of the containers. Those below `com.docker.compose` are reserved.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#labels
   */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * Files of labels; `labels` wins over what they say.
   * Absent after loading: what the files say stands in `labels`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#label_file
   */
  readonly label_file?: readonly string[]
  /**
   * Other services that are reached by a further name: `SERVICE` or `SERVICE:ALIAS`. They are started first.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#links
   */
  readonly links?: readonly string[]
  /**
   * Where the output of the containers is kept.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#logging
   */
  readonly logging?: Logging
  /**
   * Memory that the container may use at most.
   * Unit: bytes. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#mem_limit
   */
  readonly mem_limit?: Bytes
  /**
   * Memory that the container is to have when memory is short.
   * Unit: bytes. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#mem_reservation
   */
  readonly mem_reservation?: Bytes
  /**
   * Memory and swap together that the container may use at most.
   * `-1`: any amount of swap. Equal to `mem_limit`: no swap. Absent: as much swap as memory.
   * Unit: bytes. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#memswap_limit
   */
  readonly memswap_limit?: Bytes
  /**
   * How willingly the kernel swaps out memory of the container, from `0` (never) to `100`.
   * Unit: percent. Form: decimal digits.
   * Default: the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#mem_swappiness
   */
  readonly mem_swappiness?: string
  /**
   * The container's hardware address; newer engines want it in `networks` instead.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#mac_address
   */
  readonly mac_address?: string
  /**
   * The project's models that the containers use, keyed by model; `null` is one without options.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#models
   */
  readonly models?: Readonly<Record<string, ServiceModel | null>>
  /**
   * A network other than the project's: `none`, `host`, `service:NAME`, `container:NAME`, or what the platform offers.
   * Absent where `networks` speaks.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#network_mode
   */
  readonly network_mode?: string
  /**
   * The networks of the project that the containers are on, keyed by network; `null` is one without options.
   * Default: the network `default`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#networks
   */
  readonly networks?: Readonly<Record<string, ServiceNetwork | null>>
  /**
   * Whether the kernel leaves the container alone when memory runs out.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#oom_kill_disable
   */
  readonly oom_kill_disable?: boolean
  /**
   * How readily the kernel kills the container when memory runs out.
   * Unit: a number from -1000 (last) to 1000 (first).
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#oom_score_adj
   */
  readonly oom_score_adj?: number
  /**
   * The PID namespace: `host`, `service:NAME`, or what the platform offers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pid
   */
  readonly pid?: string
  /**
   * How many processes the container may have at once.
   * Unit: processes; -1 for any number.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pids_limit
   */
  readonly pids_limit?: number
  /**
   * The platform that the image is chosen for: `OS[/ARCHITECTURE[/VARIANT]]`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#platform
   */
  readonly platform?: string
  /**
   * Ports of the container that are reached from outside.
   * One entry for each.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports
   */
  readonly ports?: readonly Port[]
  /**
   * Whether the container has the rights of the host's root.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#privileged
   */
  readonly privileged?: boolean
  /**
   * When the image is fetched: `always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_DURATION`.
   * Default: `missing`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pull_policy
   */
  readonly pull_policy?: string
  /**
   * Whether the container's root file system is read-only.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#read_only
   */
  readonly read_only?: boolean
  /**
   * When a container that ended is started again: `no`, `always`, `on-failure[:TIMES]` or `unless-stopped`.
   * Default: `no`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#restart
   */
  readonly restart?: string
  /**
   * The OCI runtime that runs the containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#runtime
   */
  readonly runtime?: string
  /**
   * How many containers there are.
   * Unit: containers.
   * Default: 1.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#scale
   */
  readonly scale?: number
  /**
   * Secrets of the project that the containers see as files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#secrets
   */
  readonly secrets?: readonly FileReference[]
  /**
   * Labels and options of the security module, such as `label:user:USER`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#security_opt
   */
  readonly security_opt?: readonly string[]
  /**
   * The size of `/dev/shm`.
   * Unit: bytes. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#shm_size
   */
  readonly shm_size?: Bytes
  /**
   * Whether standard input stays open.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#stdin_open
   */
  readonly stdin_open?: boolean
  /**
   * How long a container may take to stop before it is killed.
   * Form: a Go duration such as `1m30s`.
   * Default: 10s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#stop_grace_period
   */
  readonly stop_grace_period?: Duration
  /**
   * The signal that asks a container to stop.
   * Default: `SIGTERM`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#stop_signal
   */
  readonly stop_signal?: string
  /**
   * Options of the storage driver, such as `size`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#storage_opt
   */
  readonly storage_opt?: Readonly<Record<string, string>>
  /**
   * Kernel parameters of the container's namespaces.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#sysctls
   */
  readonly sysctls?: Readonly<Record<string, string>>
  /**
   * File systems in memory: `PATH` or `PATH:OPTIONS`, with the options `mode`, `uid` and `gid` among others.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#tmpfs
   */
  readonly tmpfs?: readonly string[]
  /**
   * Whether the container gets a terminal.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#tty
   */
  readonly tty?: boolean
  /**
   * Resource limits of the container's processes, keyed by limit, such as `nofile`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ulimits
   */
  readonly ulimits?: Readonly<Record<string, Ulimit>>
  /**
   * Whether the container gets the engine's API socket and the user's credentials.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#use_api_socket
   */
  readonly use_api_socket?: boolean
  /**
   * The user of the container's process: `USER[:GROUP]`, by name or number.
   * Default: the image's, else `root`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#user
   */
  readonly user?: string
  /**
   * The user namespace: `host`, or what the platform offers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#userns_mode
   */
  readonly userns_mode?: string
  /**
   * The UTS namespace: `host`.
   * Default: the runtime's choice.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#uts
   */
  readonly uts?: string
  /**
   * What is mounted into the containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes
   */
  readonly volumes?: readonly Mount[]
  /**
   * Services or containers whose volumes are mounted too: `SERVICE` or `container:NAME`, each with `:ro`, `:rw` or
   * neither.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes_from
   */
  readonly volumes_from?: readonly string[]
  /**
   * The directory that the command runs in.
   * Default: the image's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#working_dir
   */
  readonly working_dir?: string
  /**
   * Commands that run to their end, each in a container of its own, before the service starts.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pre_start
   */
  readonly pre_start?: readonly Hook[]
  /**
   * Commands that run in the container once it has started.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
   */
  readonly post_start?: readonly Hook[]
  /**
   * Commands that run in the container before it is stopped.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pre_stop
   */
  readonly pre_stop?: readonly Hook[]
}

/**
 * A network of the project.
 * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md
 */
export interface Network extends Extensible {
  /**
   * The engine's name of it.
   * Default: `PROJECT_KEY`, or the key alone where it is external.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#name
   */
  readonly name: string
  /**
   * Who provides it.
   * Default: the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#driver
   */
  readonly driver?: string
  /**
   * What the driver is told.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#driver_opts
   */
  readonly driver_opts?: Readonly<Record<string, string>>
  /**
   * How it gives out addresses.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly ipam?: Ipam
  /**
   * Whether it was made elsewhere and is only used here.
   * Default: false.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#external
   */
  readonly external?: boolean
  /**
   * Whether nothing leads outside from it.
   * Default: false.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#internal
   */
  readonly internal?: boolean
  /**
   * Whether containers that are not the project's may join it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#attachable
   */
  readonly attachable?: boolean
  /**
   * Its labels.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#labels
   */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * Whether containers get an IPv4 address on it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#enable_ipv4
   */
  readonly enable_ipv4?: boolean
  /**
   * Whether containers get an IPv6 address on it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#enable_ipv6
   */
  readonly enable_ipv6?: boolean
}

/**
 * A volume of the project.
 * @see https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md
 */
export interface Volume extends Extensible {
  /**
   * The engine's name of it.
   * Default: `PROJECT_KEY`, or the key alone where it is external.
   * @see https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md#name
   */
  readonly name: string
  /**
   * Who provides it.
   * Default: the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md#driver
   */
  readonly driver?: string
  /**
   * What the driver is told.
   * @see https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md#driver_opts
   */
  readonly driver_opts?: Readonly<Record<string, string>>
  /**
   * Whether it was made elsewhere and is only used here.
   * Default: false.
   * @see https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md#external
   */
  readonly external?: boolean
  /**
   * Its labels.
   * @see https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md#labels
   */
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * A config or a secret of the project: a file, a variable or a text that services see as a file.
 * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
 */
export interface FileObject extends Extensible {
  /**
   * The engine's name of it.
   * Default: `PROJECT_KEY`, or the key alone where it is external.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
   */
  readonly name: string
  /**
   * The file with the content.
   * Absolute.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
   */
  readonly file?: string
  /**
   * The variable with the content.
   * What it holds is in `content`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
   */
  readonly environment?: string
  /**
   * The content itself.
   * That of the variable `environment` too, where it is set.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
   */
  readonly content?: string
  /**
   * Whether it was made elsewhere and is only used here.
   * Default: false.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
   */
  readonly external?: boolean
  /**
   * Its labels.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
   */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * Who provides it; only of a secret.
   * @see https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md#secrets-top-level-element
   */
  readonly driver?: string
  /**
   * What the driver is told; only of a secret.
   * @see https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md#secrets-top-level-element
   */
  readonly driver_opts?: Readonly<Record<string, string>>
  /**
   * Who fills in the content where it is a template.
   * @see https://github.com/compose-spec/compose-spec/blob/main/08-configs.md#configs-top-level-element
   */
  readonly template_driver?: string
}

/**
 * A language model of the project.
 * @see https://github.com/compose-spec/compose-spec/blob/main/models.md#attributes
 */
export interface Model extends Extensible {
  /**
   * Its name for the engine.
   * @see https://github.com/compose-spec/compose-spec/blob/main/models.md#attributes
   */
  readonly name?: string
  /**
   * The reference of the OCI artifact that holds it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/models.md#attributes
   */
  readonly model: string
  /**
   * How much text it looks at.
   * Unit: tokens.
   * @see https://github.com/compose-spec/compose-spec/blob/main/models.md#attributes
   */
  readonly context_size?: number
  /**
   * What the program that runs it is told.
   * @see https://github.com/compose-spec/compose-spec/blob/main/models.md#attributes
   */
  readonly runtime_flags?: readonly string[]
}

/**
 * How the image of a service is built from source.
 * @see https://github.com/compose-spec/compose-spec/blob/main/build.md
 */
export interface Build extends Extensible {
  /**
   * The directory that is built, or the URL of a repository.
   * A path is absolute.
   * Default: the project's directory.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#context
   */
  readonly context?: string
  /**
   * The Dockerfile, as seen from `context`.
   * Default: `Dockerfile`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#dockerfile
   */
  readonly dockerfile?: string
  /**
   * The text of the Dockerfile, instead of a file.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#dockerfile_inline
   */
  readonly dockerfile_inline?: string
  /**
   * Rights that the build gets beyond the usual ones, such as `network.host`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#entitlements
   */
  readonly entitlements?: readonly string[]
  /**
   * Values of the `ARG`s.
   * `null`: named without a value, and the project's environment has none either.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#args
   */
  readonly args?: Readonly<Record<string, string | null>>
  /**
   * Whether a provenance attestation is added, or its settings: `true`, `false` or `mode=max`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#provenance
   */
  readonly provenance?: string
  /**
   * Whether a list of the parts is added, or the generator of it: `true`, `false` or `generator=IMAGE`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#sbom
   */
  readonly sbom?: string
  /**
   * SSH agents and keys that the build may use.
   * Form: `ID` or `ID=PATH`, sorted.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#ssh
   */
  readonly ssh?: readonly string[]
  /**
   * Labels of the image.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#labels
   */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * Where earlier steps are looked up: `NAME` or `type=TYPE[,KEY=VALUE]`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#cache_from
   */
  readonly cache_from?: readonly string[]
  /**
   * Where the steps are kept for later builds: `NAME` or `type=TYPE[,KEY=VALUE]`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#cache_to
   */
  readonly cache_to?: readonly string[]
  /**
   * Whether every step is done anew.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#no_cache
   */
  readonly no_cache?: boolean
  /**
   * Stages whose steps are done anew.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#no_cache
   */
  readonly no_cache_filter?: readonly string[]
  /**
   * Further directories, repositories or images that the Dockerfile names; `service:NAME` is the image of a service.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#additional_contexts
   */
  readonly additional_contexts?: Readonly<Record<string, string>>
  /**
   * Whether the images it starts from are fetched anew.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#pull
   */
  readonly pull?: boolean
  /**
   * Lines for `/etc/hosts` during the build.
   * Form: `HOST=ADDRESS`, sorted.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#extra_hosts
   */
  readonly extra_hosts?: readonly string[]
  /**
   * How the build is kept apart; the values are the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#isolation
   */
  readonly isolation?: string
  /**
   * The network of the `RUN` steps: `none`, `host` or a name.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#network
   */
  readonly network?: string
  /**
   * The stage that is built.
   * Default: the last one.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#target
   */
  readonly target?: string
  /**
   * Secrets of the project that the build may read.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#secrets
   */
  readonly secrets?: readonly FileReference[]
  /**
   * The size of `/dev/shm` during the build.
   * Unit: bytes. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#shm_size
   */
  readonly shm_size?: Bytes
  /**
   * Names that the image gets besides `image`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#tags
   */
  readonly tags?: readonly string[]
  /**
   * Resource limits of the build's processes, keyed by limit.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#ulimits
   */
  readonly ulimits?: Readonly<Record<string, Ulimit>>
  /**
   * The platforms that are built for.
   * Default: the service's `platform`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#platforms
   */
  readonly platforms?: readonly string[]
  /**
   * Whether the build has elevated rights.
   * @see https://github.com/compose-spec/compose-spec/blob/main/build.md#privileged
   */
  readonly privileged?: boolean
}

/**
 * What is to happen when source files change during development.
 * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#attributes
 */
export interface Develop extends Extensible {
  /**
   * Which changes lead to what.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#watch
   */
  readonly watch?: readonly WatchRule[]
}

/**
 * Weights and limits of reading from and writing to block devices.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#blkio_config
 */
export interface BlkioConfig {
  /**
   * The share of all devices, from 10 to 1000.
   * Unit: a weight, relative to the other containers.
   * Default: 500.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#weight
   */
  readonly weight?: number
  /**
   * The share of single devices.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#weight_device
   */
  readonly weight_device?: readonly WeightDevice[]
  /**
   * How fast devices may be read, in bytes each second.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_read_bps-device_write_bps
   */
  readonly device_read_bps?: readonly ThrottleDevice[]
  /**
   * How often devices may be read, in operations each second.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_read_iops-device_write_iops
   */
  readonly device_read_iops?: readonly ThrottleDevice[]
  /**
   * How fast devices may be written, in bytes each second.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_read_bps-device_write_bps
   */
  readonly device_write_bps?: readonly ThrottleDevice[]
  /**
   * How often devices may be written, in operations each second.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_read_iops-device_write_iops
   */
  readonly device_write_iops?: readonly ThrottleDevice[]
}

/**
 * A config or secret that a service, or its build, sees as a file.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
 */
export interface FileReference extends Extensible {
  /**
   * Its key among the project's `configs` or `secrets`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
   */
  readonly source: string
  /**
   * Where the file is. A name alone of a secret is one below `/run/secrets`; in a build it is the id of the secret.
   * Default: `/SOURCE` for a config, `/run/secrets/SOURCE` for a secret.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
   */
  readonly target?: string
  /**
   * Number of the user that owns the file.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
   */
  readonly uid?: string
  /**
   * Number of the group that owns the file.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
   */
  readonly gid?: string
  /**
   * Permissions of the file.
   * Form: octal digits with a leading zero: `0440`.
   * Default: 0444.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
   */
  readonly mode?: FileMode
}

/**
 * Where the credentials of a managed service account stand; one of the three.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#credential_spec
 */
export interface CredentialSpec extends Extensible {
  /**
   * A config of the project.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#credential_spec
   */
  readonly config?: string
  /**
   * A file.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#credential_spec
   */
  readonly file?: string
  /**
   * A value in the Windows registry of the engine's host.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#credential_spec
   */
  readonly registry?: string
}

/**
 * How one service waits for another.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-1
 */
export interface Dependency extends Extensible {
  /**
   * What the other one must have done before this one starts.
   * Default: `service_started`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-1
   */
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully'
  /**
   * Whether this service is restarted when Compose has changed the other one.
   * Default: false.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-1
   */
  readonly restart?: boolean
  /**
   * Whether the other one has to be there; if not, its absence is only a warning.
   * Default: true.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-1
   */
  readonly required: boolean
}

/**
 * How many containers there are, with which resources, and how they are replaced.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md
 */
export interface Deploy extends Extensible {
  /**
   * Whether there are `replicas` containers (`replicated`) or one for each machine (`global`).
   * Default: `replicated`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#mode
   */
  readonly mode?: string
  /**
   * How many containers there are.
   * Unit: containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#replicas
   */
  readonly replicas?: number
  /**
   * Labels of the service, not of its containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#labels
   */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * How containers are replaced by changed ones.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
   */
  readonly update_config?: UpdateConfig
  /**
   * How a failed update is taken back.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#rollback_config
   */
  readonly rollback_config?: UpdateConfig
  /**
   * What the containers may use at most, and what they have for sure.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
   */
  readonly resources?: Resources
  /**
   * When a container that ended is started again; absent: `restart` says.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#restart_policy
   */
  readonly restart_policy?: RestartPolicy
  /**
   * Which machines the containers run on.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#placement
   */
  readonly placement?: Placement
  /**
   * How clients find the service: by one address (`vip`) or by all of them (`dnsrr`).
   * Default: the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#endpoint_mode
   */
  readonly endpoint_mode?: string
}

/**
 * A device of the host that a container may use.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#devices
 */
export interface DeviceMapping extends Extensible {
  /**
   * Its path on the host, or its name in the notation of CDI: `vendor.com/device=gpu`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#devices
   */
  readonly source: string
  /**
   * Its path in the container.
   * Default: the same.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#devices
   */
  readonly target?: string
  /**
   * What the container may do: `r` read, `w` write, `m` make the node.
   * Default: `rwm`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#devices
   */
  readonly permissions?: string
}

/**
 * The program that runs a service instead of a container.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#provider
 */
export interface Provider extends Extensible {
  /**
   * Its name.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#type
   */
  readonly type: string
  /**
   * What it is told; each option may have several values.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#options
   */
  readonly options?: Readonly<Record<string, readonly string[]>>
}

/**
 * A file of environment variables.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file
 */
export interface EnvFile {
  /**
   * Its path.
   * Absolute.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file
   */
  readonly path: string
  /**
   * Whether it has to be there.
   * Default: true.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#required
   */
  readonly required: boolean
  /**
   * `raw` for values that are taken as they are.
   * Default: Compose's own rules.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#format
   */
  readonly format?: string
}

/**
 * A service that another one is laid over.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
 */
export interface Extends {
  /**
   * The file that defines it.
   * Default: the same file.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#finding-referenced-service
   */
  readonly file?: string
  /**
   * Its name.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
   */
  readonly service?: string
}

/**
 * Devices that are reserved for a container.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#devices
 */
export interface DeviceRequest {
  /**
   * What the device must be able to do, such as `gpu`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#capabilities
   */
  readonly capabilities?: readonly string[]
  /**
   * Who provides the device.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#driver
   */
  readonly driver?: string
  /**
   * How many; not together with `device_ids`.
   * Unit: devices; -1 for all of them.
   * Default: all.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#count
   */
  readonly count?: number
  /**
   * Which ones; not together with `count`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#device_ids
   */
  readonly device_ids?: readonly string[]
  /**
   * What the driver is told.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#options
   */
  readonly options?: Readonly<Record<string, string>>
}

/**
 * How it is found out whether a container works.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
 */
export interface HealthCheck extends Extensible {
  /**
   * The command that tells: its first word is `CMD`, `CMD-SHELL` or `NONE`, or, with tscompose alone, `TCP` or `HTTP`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly test?: readonly string[]
  /**
   * How long one check may take.
   * Form: a Go duration such as `1m30s`.
   * Default: the image's, else 30s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly timeout?: Duration
  /**
   * How long after a check the next one runs.
   * Form: a Go duration such as `1m30s`.
   * Default: the image's, else 30s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly interval?: Duration
  /**
   * How many checks in a row have to fail for the container to be unhealthy.
   * Unit: checks.
   * Default: the image's, else 3.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly retries?: number
  /**
   * How long after the start failed checks do not count.
   * Form: a Go duration such as `1m30s`.
   * Default: the image's, else 0s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly start_period?: Duration
  /**
   * What `interval` is during `start_period`.
   * Form: a Go duration such as `1m30s`.
   * Default: the image's, else 5s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly start_interval?: Duration
  /**
   * Whether the image's own check is switched off.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck
   */
  readonly disable?: boolean
}

/**
 * Where the output of the containers is kept.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#logging
 */
export interface Logging extends Extensible {
  /**
   * Who keeps it.
   * Default: the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#logging
   */
  readonly driver?: string
  /**
   * What the driver is told.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#logging
   */
  readonly options?: Readonly<Record<string, string>>
}

/**
 * How a service learns of a model.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#models
 */
export interface ServiceModel extends Extensible {
  /**
   * The environment variable that holds the model's address.
   * Default: `MODEL_URL`, made from the key of the model.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#models
   */
  readonly endpoint_var?: string
  /**
   * The environment variable that holds the model's name.
   * Default: `MODEL`, made from the key of the model.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#models
   */
  readonly model_var?: string
}

/**
 * How the containers of a service are on one network.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md
 */
export interface ServiceNetwork extends Extensible {
  /**
   * Further names that the containers are reached by on it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#aliases
   */
  readonly aliases?: readonly string[]
  /**
   * What the driver of the network is told about the containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#driver_opts
   */
  readonly driver_opts?: Readonly<Record<string, string>>
  /**
   * The network with the highest is the one that leads outside.
   * Default: 0.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#gw_priority
   */
  readonly gw_priority?: number
  /**
   * The name of the interface in the container: `eth0`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#interface_name
   */
  readonly interface_name?: string
  /**
   * A fixed address; the network's `ipam` must have its subnet.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ipv4_address-ipv6_address
   */
  readonly ipv4_address?: string
  /**
   * A fixed address; the network's `ipam` must have its subnet.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ipv4_address-ipv6_address
   */
  readonly ipv6_address?: string
  /**
   * Link-local addresses.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#link_local_ips
   */
  readonly link_local_ips?: readonly string[]
  /**
   * The hardware address of the interface.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#mac_address-1
   */
  readonly mac_address?: string
  /**
   * The network with the highest is joined first.
   * Default: 0.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#priority
   */
  readonly priority?: number
}

/**
 * A port of a container that is reached from outside.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
 */
export interface Port extends Extensible {
  /**
   * What it is for, in words of the user's own.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
   */
  readonly name?: string
  /**
   * Whether it is published on the host that runs the container (`host`) or on all of them (`ingress`).
   * Default: `ingress`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
   */
  readonly mode?: string
  /**
   * The address of the host that it is published on.
   * Default: all.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
   */
  readonly host_ip?: string
  /**
   * The port in the container.
   * Unit: a port number.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
   */
  readonly target: number
  /**
   * The port of the host, or a range `8000-8010` of which one is taken.
   * Default: one that the host chooses.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
   */
  readonly published?: string
  /**
   * The protocol below: `tcp`, `udp`, or what the platform offers.
   * Default: `tcp`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
   */
  readonly protocol?: string
  /**
   * The protocol above, such as `http`; a hint.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-3
   */
  readonly app_protocol?: string
}

/**
 * One resource limit of the container's processes; -1 is unlimited. A number alone is both limits.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ulimits
 */
export type Ulimit = number | {
  /**
   * What holds now; a process may raise it up to `hard`. Absent: 0.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ulimits
   */
  readonly soft?: number
  /**
   * What `soft` may be raised to. Absent: 0.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ulimits
   */
  readonly hard?: number
}

/**
 * Something that is mounted into the containers.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
 */
export interface Mount extends Extensible {
  /**
   * What it is.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'cluster' | 'npipe' | 'image'
  /**
   * A path of the host for `bind`, a key of the project's volumes for `volume` (absent: one without a name), an image
   * for `image`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly source?: string
  /**
   * Where it is in the container.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly target: string
  /**
   * Whether it is read-only.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly read_only?: boolean
  /**
   * How closely both sides agree; the values are the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly consistency?: string
  /**
   * Options of `bind`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly bind?: MountBind
  /**
   * Options of `volume`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly volume?: MountVolume
  /**
   * Options of `tmpfs`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly tmpfs?: MountTmpfs
  /**
   * Options of `image`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly image?: MountImage
}

/**
 * A command that runs around the life of a container.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
 */
export interface Hook extends Extensible {
  /**
   * Its words.
   * In `pre_start` it may be absent: then the image's command runs.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
   */
  readonly command?: readonly string[]
  /**
   * The image of its container; only in `pre_start`.
   * Default: the service's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pre_start
   */
  readonly image?: string
  /**
   * Who runs it.
   * Default: the service's user; in `pre_start` with an image of its own, that image's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
   */
  readonly user?: string
  /**
   * Whether it has the rights of the host's root.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
   */
  readonly privileged?: boolean
  /**
   * The directory that it runs in.
   * Default: the service's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
   */
  readonly working_dir?: string
  /**
   * Environment variables that it has besides the service's own.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
   */
  readonly environment?: Readonly<Record<string, string | null>>
  /**
   * Whether it runs for each container, or once for the service; only in `pre_start`.
   * Default: false.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pre_start
   */
  readonly per_replica?: boolean
}

/**
 * How a network gives out addresses.
 * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
 */
export interface Ipam extends Extensible {
  /**
   * Who gives them out.
   * Default: the platform's.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly driver?: string
  /**
   * The ranges that they come from.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly config?: readonly IpamPool[]
  /**
   * What the driver is told.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly options?: Readonly<Record<string, string>>
}

/**
 * What a change below one path leads to.
 * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md
 */
export interface WatchRule extends Extensible {
  /**
   * The file or directory that is watched.
   * Absolute.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#path
   */
  readonly path: string
  /**
   * What a change leads to.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#action
   */
  readonly action: 'rebuild' | 'sync' | 'restart' | 'sync+restart' | 'sync+exec'
  /**
   * Where the files go in the container.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#target
   */
  readonly target?: string
  /**
   * The command that runs after `sync+exec`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#exec
   */
  readonly exec?: Hook
  /**
   * Patterns of the files that count.
   * Default: all.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#include
   */
  readonly include?: readonly string[]
  /**
   * Patterns of the files that do not count, as in `.dockerignore`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#ignore
   */
  readonly ignore?: readonly string[]
  /**
   * Whether the files are compared when watching starts.
   * @see https://github.com/compose-spec/compose-spec/blob/main/develop.md#initial_sync
   */
  readonly initial_sync?: boolean
}

/**
 * The share that a container has of one device.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#weight_device
 */
export interface WeightDevice {
  /**
   * The device: `/dev/sda`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#weight_device
   */
  readonly path: string
  /**
   * The share, from 10 to 1000.
   * Unit: a weight, relative to the other containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#weight_device
   */
  readonly weight: number
}

/**
 * A limit of one device.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_read_bps-device_write_bps
 */
export interface ThrottleDevice {
  /**
   * The device: `/dev/sda`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_read_bps-device_write_bps
   */
  readonly path: string
  /**
   * The limit.
   * Unit: bytes each second, or operations each second for `…_iops`. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#device_read_bps-device_write_bps
   */
  readonly rate: string
}

/**
 * How containers are replaced.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
 */
export interface UpdateConfig extends Extensible {
  /**
   * How many at a time; 0 is all at once.
   * Unit: containers.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
   */
  readonly parallelism?: number
  /**
   * The pause between two groups.
   * Form: a Go duration such as `1m30s`.
   * Default: 0s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
   */
  readonly delay?: Duration
  /**
   * What a failure leads to: `continue`, `pause` or, for an update, `rollback`.
   * Default: `pause`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
   */
  readonly failure_action?: string
  /**
   * How long a new container is watched for failure.
   * Form: a Go duration such as `1m30s`.
   * Default: 0s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
   */
  readonly monitor?: Duration
  /**
   * How many failures are put up with.
   * Unit: a fraction from 0 to 1.
   * Default: 0.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
   */
  readonly max_failure_ratio?: number
  /**
   * Whether the old one stops first, or the new one starts first.
   * Default: `stop-first`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config
   */
  readonly order?: 'start-first' | 'stop-first'
}

/**
 * What the containers may use at most, and what they have for sure.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
 */
export interface Resources extends Extensible {
  /**
   * What the platform must not let a container exceed.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
   */
  readonly limits?: Resource
  /**
   * What the platform must keep for a container.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
   */
  readonly reservations?: Resource
}

/**
 * When a container that ended is started again.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#restart_policy
 */
export interface RestartPolicy extends Extensible {
  /**
   * After which ends: `none`, `on-failure` or `any`.
   * Default: `any`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#restart_policy
   */
  readonly condition?: string
  /**
   * The pause before each attempt.
   * Form: a Go duration such as `1m30s`.
   * Default: 0s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#restart_policy
   */
  readonly delay?: Duration
  /**
   * How many attempts there are.
   * Unit: attempts.
   * Default: any number.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#restart_policy
   */
  readonly max_attempts?: number
  /**
   * How long a container has to run for the attempt to have succeeded.
   * Form: a Go duration such as `1m30s`.
   * Default: 0s.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#restart_policy
   */
  readonly window?: Duration
}

/**
 * Which machines the containers run on.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#placement
 */
export interface Placement extends Extensible {
  /**
   * What must be true of a machine: `disktype=ssd`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#constraints
   */
  readonly constraints?: readonly string[]
  /**
   * How the containers are spread.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#preferences
   */
  readonly preferences?: readonly PlacementPreference[]
  /**
   * How many containers one machine may have.
   * Unit: containers.
   * Default: any number.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#placement
   */
  readonly max_replicas_per_node?: number
}

/**
 * Options of a path of the host that is mounted.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
 */
export interface MountBind extends Extensible {
  /**
   * How SELinux labels it: `z` shared, `Z` for this container alone.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly selinux?: 'z' | 'Z'
  /**
   * Whether mounts below it show on the other side: `private`, `shared`, `slave`, or one of these with `r` before it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly propagation?: string
  /**
   * Whether a missing directory is made on the host.
   * Default: true where `bind` itself is there, and false where it is not.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly create_host_path?: boolean
  /**
   * What becomes of mounts below it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly recursive?: 'enabled' | 'disabled' | 'writable' | 'readonly'
}

/**
 * Options of a volume that is mounted.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
 */
export interface MountVolume extends Extensible {
  /**
   * Labels of a volume that is made for the mount.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * Whether a new volume stays empty instead of getting the image's files.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly nocopy?: boolean
  /**
   * The directory of the volume that is mounted.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly subpath?: string
}

/**
 * Options of a file system in memory.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
 */
export interface MountTmpfs extends Extensible {
  /**
   * Its size.
   * Unit: bytes. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly size?: Bytes
  /**
   * Permissions of its root.
   * Unit: permission bits as a number: 493 is 0755.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly mode?: number
}

/**
 * Options of an image that is mounted.
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
 */
export interface MountImage extends Extensible {
  /**
   * The directory of the image that is mounted.
   * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#long-syntax-5
   */
  readonly subpath?: string
}

/**
 * A range of addresses.
 * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
 */
export interface IpamPool {
  /**
   * All of it, in CIDR notation: `172.28.0.0/16`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly subnet?: string
  /**
   * The address that leads outside.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly gateway?: string
  /**
   * The part that containers get theirs from, in CIDR notation.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly ip_range?: string
  /**
   * Addresses that are taken, keyed by who has them.
   * @see https://github.com/compose-spec/compose-spec/blob/main/06-networks.md#ipam
   */
  readonly aux_addresses?: Readonly<Record<string, string>>
}

/**
 * Amounts of what a container uses.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md
 */
export interface Resource extends Extensible {
  /**
   * Processor time.
   * Unit: processors, in fractions: `0.5`.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#cpus
   */
  readonly cpus?: number
  /**
   * Memory.
   * Unit: bytes. Form: decimal digits.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#memory
   */
  readonly memory?: Bytes
  /**
   * Processes at once; only among the limits.
   * Unit: processes.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#pids
   */
  readonly pids?: number
  /**
   * Devices; only among the reservations.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#devices
   */
  readonly devices?: readonly DeviceRequest[]
  /**
   * What the platform was told to count; only among the reservations.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
   */
  readonly generic_resources?: readonly GenericResource[]
}

/**
 * How the containers are spread.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#preferences
 */
export interface PlacementPreference extends Extensible {
  /**
   * Evenly over the values of this label of the machines.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#preferences
   */
  readonly spread?: string
}

/**
 * Something that the platform was told to count.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
 */
export interface GenericResource extends Extensible {
  /**
   * What it is, and how many of it.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
   */
  readonly discrete_resource_spec?: DiscreteResource
}

/**
 * A number of things of one kind.
 * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
 */
export interface DiscreteResource extends Extensible {
  /**
   * The kind.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
   */
  readonly kind: string
  /**
   * How many.
   * Unit: pieces.
   * @see https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources
   */
  readonly value: number
}
