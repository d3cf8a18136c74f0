/**
 * The Compose project as data: frozen, canonical, free of defaults the user can't see. Keys are the Compose Specification's own
 * (snake_case), values are in the canonical form that `docker compose config --format json` prints (bytes as decimal strings,
 * durations as Go writes them, long syntaxes); src/model/units.ts turns those into numbers. A zero value that Docker Compose
 * does not print (`false`, 0, '', an empty list) is absent here too.
 */
import type { Location } from '../diagnostic.ts'

/** Keys into a Compose document, never joined. */
export type Path = readonly (string | number)[]

/** A Go duration: `1m30s`. `parseDuration` of units.ts makes milliseconds of it. */
export type Duration = string
/** A number of bytes in decimal digits: `52428800`. `parseBytes` of units.ts makes a number of it. */
export type Bytes = string
/** Octal digits with a leading zero: `0440`. */
export type FileMode = string

type Mapping<T = string> = Readonly<Record<string, T>>
type List<T = string> = readonly T[]

/** `x-…` keys are kept wherever they were written and mean nothing to Compose. */
export interface Extensible {
  readonly [extension: `x-${string}`]: unknown
}

export interface Project {
  readonly name: string
  /** Absolute. */
  readonly workingDir: string
  /** Absolute, in order of merging. */
  readonly configFiles: readonly string[]
  /** Absolute; only those named by `--env-file` or COMPOSE_ENV_FILES. */
  readonly environmentFiles: readonly string[]
  /** The variables interpolation saw: process environment over env files. */
  readonly environment: Readonly<Record<string, string>>
  readonly profiles: readonly string[]
  readonly services: Readonly<Record<string, Service>>
  /** Services whose profiles are not active or that were not selected: known by name, not run. */
  readonly disabledServices: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, Network>>
  readonly volumes: Readonly<Record<string, Volume>>
  readonly configs: Readonly<Record<string, FileObject>>
  readonly secrets: Readonly<Record<string, FileObject>>
  readonly models: Readonly<Record<string, Model>>
  /** Top-level `x-…` keys. */
  readonly extensions: Readonly<Record<string, unknown>>
  /** Where the value at a path was written; undefined for defaults. */
  readonly locate: (path: Path) => Location | undefined
}

/** One service, as Compose Specification's service element in canonical form. */
export interface Service extends Extensible {
  readonly profiles?: List
  readonly annotations?: Mapping
  readonly attach?: boolean
  readonly build?: Build
  readonly develop?: Develop
  readonly blkio_config?: BlkioConfig
  readonly cap_add?: List
  readonly cap_drop?: List
  readonly cgroup_parent?: string
  readonly cgroup?: string
  readonly cpu_count?: number
  readonly cpu_percent?: number
  readonly cpu_period?: number
  readonly cpu_quota?: number
  readonly cpu_rt_period?: number
  readonly cpu_rt_runtime?: number
  readonly cpus?: number
  readonly cpuset?: string
  readonly cpu_shares?: number
  /** Absent: the image's. Empty: none, the image's is cleared. */
  readonly command?: List
  readonly configs?: List<FileReference>
  readonly container_name?: string
  readonly credential_spec?: CredentialSpec
  readonly depends_on?: Mapping<Dependency>
  readonly deploy?: Deploy
  readonly device_cgroup_rules?: List
  readonly devices?: List<DeviceMapping>
  readonly dns?: List
  readonly dns_opt?: List
  readonly dns_search?: List
  readonly domainname?: string
  /** Absent: the image's. Empty: none, the image's is cleared. */
  readonly entrypoint?: List
  readonly provider?: Provider
  /** `null`: declared without a value, and the project's environment has none either. */
  readonly environment?: Mapping<string | null>
  /** Only where env files were not resolved into `environment`. */
  readonly env_file?: List<EnvFile>
  readonly expose?: List
  /** Only where the service it names is empty: nothing was there to be laid under this one. */
  readonly extends?: { readonly file?: string; readonly service?: string }
  readonly external_links?: List
  /** `host=ip`, sorted. */
  readonly extra_hosts?: List
  readonly group_add?: List
  readonly gpus?: List<DeviceRequest>
  readonly hostname?: string
  readonly healthcheck?: HealthCheck
  readonly image?: string
  readonly init?: boolean
  readonly ipc?: string
  readonly isolation?: string
  readonly labels?: Mapping
  /** Read into `labels` by loading, and gone then. */
  readonly label_file?: List
  readonly links?: List
  readonly logging?: Logging
  readonly mem_limit?: Bytes
  readonly mem_reservation?: Bytes
  readonly memswap_limit?: Bytes
  readonly mem_swappiness?: Bytes
  readonly mac_address?: string
  readonly models?: Mapping<ServiceModel | null>
  /** `host`, `none`, `service:NAME`, `container:NAME` … ; absent where `networks` speaks. */
  readonly network_mode?: string
  /** Keys are network keys of the project; `null` is an attachment without options. */
  readonly networks?: Mapping<ServiceNetwork | null>
  readonly oom_kill_disable?: boolean
  readonly oom_score_adj?: number
  readonly pid?: string
  readonly pids_limit?: number
  readonly platform?: string
  readonly ports?: List<Port>
  readonly privileged?: boolean
  readonly pull_policy?: string
  readonly read_only?: boolean
  readonly restart?: string
  readonly runtime?: string
  readonly scale?: number
  readonly secrets?: List<FileReference>
  readonly security_opt?: List
  readonly shm_size?: Bytes
  readonly stdin_open?: boolean
  readonly stop_grace_period?: Duration
  readonly stop_signal?: string
  readonly storage_opt?: Mapping
  readonly sysctls?: Mapping
  /** `PATH[:OPTIONS]`. */
  readonly tmpfs?: List
  readonly tty?: boolean
  readonly ulimits?: Mapping<Ulimit>
  readonly use_api_socket?: boolean
  readonly user?: string
  readonly userns_mode?: string
  readonly uts?: string
  readonly volumes?: List<Mount>
  readonly volumes_from?: List
  readonly working_dir?: string
  readonly pre_start?: List<Hook>
  readonly post_start?: List<Hook>
  readonly pre_stop?: List<Hook>
}

export interface Build extends Extensible {
  /** Absolute, or a URL. */
  readonly context?: string
  readonly dockerfile?: string
  readonly dockerfile_inline?: string
  readonly entitlements?: List
  readonly args?: Mapping<string | null>
  readonly provenance?: string
  readonly sbom?: string
  /** `ID` or `ID=PATH`. */
  readonly ssh?: List
  readonly labels?: Mapping
  readonly cache_from?: List
  readonly cache_to?: List
  readonly no_cache?: boolean
  readonly no_cache_filter?: List
  readonly additional_contexts?: Mapping
  readonly pull?: boolean
  readonly extra_hosts?: List
  readonly isolation?: string
  readonly network?: string
  readonly target?: string
  readonly secrets?: List<FileReference>
  readonly shm_size?: Bytes
  readonly tags?: List
  readonly ulimits?: Mapping<Ulimit>
  readonly platforms?: List
  readonly privileged?: boolean
}

export interface Develop extends Extensible {
  readonly watch?: List<WatchRule>
}

export interface WatchRule extends Extensible {
  readonly path: string
  readonly action: string
  readonly target?: string
  readonly exec?: Hook
  readonly include?: List
  readonly ignore?: List
  readonly initial_sync?: boolean
}

export interface BlkioConfig extends Extensible {
  readonly weight?: number
  readonly weight_device?: List<{ readonly path: string; readonly weight: number }>
  readonly device_read_bps?: List<ThrottleDevice>
  readonly device_read_iops?: List<ThrottleDevice>
  readonly device_write_bps?: List<ThrottleDevice>
  readonly device_write_iops?: List<ThrottleDevice>
}

export interface ThrottleDevice extends Extensible {
  readonly path: string
  readonly rate: Bytes
}

/** A service's use of a config or a secret. */
export interface FileReference extends Extensible {
  /** Key of the project's `configs` or `secrets`. */
  readonly source: string
  readonly target?: string
  readonly uid?: string
  readonly gid?: string
  readonly mode?: FileMode
}

export interface CredentialSpec extends Extensible {
  readonly config?: string
  readonly file?: string
  readonly registry?: string
}

export interface Dependency extends Extensible {
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully'
  readonly restart?: boolean
  readonly required: boolean
}

export interface Deploy extends Extensible {
  readonly mode?: string
  readonly replicas?: number
  readonly labels?: Mapping
  readonly update_config?: UpdateConfig
  readonly rollback_config?: UpdateConfig
  readonly resources?: Resources
  readonly restart_policy?: RestartPolicy
  readonly placement?: Placement
  readonly endpoint_mode?: string
}

export interface UpdateConfig extends Extensible {
  readonly parallelism?: number
  readonly delay?: Duration
  readonly failure_action?: string
  readonly monitor?: Duration
  readonly max_failure_ratio?: number
  readonly order?: string
}

export interface Resources extends Extensible {
  readonly limits?: Resource
  readonly reservations?: Resource
}

export interface Resource extends Extensible {
  readonly cpus?: number
  readonly memory?: Bytes
  readonly pids?: number
  readonly devices?: List<DeviceRequest>
  readonly generic_resources?: List<GenericResource>
}

export interface GenericResource extends Extensible {
  readonly discrete_resource_spec?: { readonly kind: string; readonly value: number }
}

export interface RestartPolicy extends Extensible {
  readonly condition?: string
  readonly delay?: Duration
  readonly max_attempts?: number
  readonly window?: Duration
}

export interface Placement extends Extensible {
  readonly constraints?: List
  readonly preferences?: List<{ readonly spread?: string }>
  readonly max_replicas_per_node?: number
}

export interface DeviceMapping extends Extensible {
  readonly source: string
  readonly target?: string
  readonly permissions?: string
}

export interface DeviceRequest {
  readonly capabilities?: List
  readonly driver?: string
  /** -1 is all of them. */
  readonly count?: number
  readonly device_ids?: List
  readonly options?: Mapping
}

export interface Provider extends Extensible {
  readonly type: string
  readonly options?: Mapping<List>
}

export interface EnvFile {
  readonly path: string
  readonly required: boolean
  readonly format?: string
}

export interface HealthCheck extends Extensible {
  /** Starts with CMD, CMD-SHELL or NONE. */
  readonly test?: List
  readonly timeout?: Duration
  readonly interval?: Duration
  readonly retries?: number
  readonly start_period?: Duration
  readonly start_interval?: Duration
  readonly disable?: boolean
}

export interface Logging extends Extensible {
  readonly driver?: string
  readonly options?: Mapping
}

export interface ServiceModel extends Extensible {
  readonly endpoint_var?: string
  readonly model_var?: string
}

export interface ServiceNetwork extends Extensible {
  readonly aliases?: List
  readonly driver_opts?: Mapping
  readonly gw_priority?: number
  readonly interface_name?: string
  readonly ipv4_address?: string
  readonly ipv6_address?: string
  readonly link_local_ips?: List
  readonly mac_address?: string
  readonly priority?: number
}

export interface Port extends Extensible {
  readonly name?: string
  readonly mode?: string
  readonly host_ip?: string
  /** In the container. */
  readonly target: number
  /** On the host: a port, a range `8000-8010`, or absent for one the host chooses. */
  readonly published?: string
  readonly protocol?: string
  readonly app_protocol?: string
}

/** One or two limits; -1 is unlimited. */
export type Ulimit = number | { readonly soft?: number; readonly hard?: number }

/** What a service mounts: a bind, a volume, a tmpfs … */
export interface Mount extends Extensible {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image'
  /** A path for `bind`, a key of the project's volumes for `volume` (absent: anonymous), an image for `image`. */
  readonly source?: string
  readonly target: string
  readonly read_only?: boolean
  readonly consistency?: string
  readonly bind?: MountBind
  readonly volume?: MountVolume
  readonly tmpfs?: { readonly size?: Bytes; readonly mode?: number }
  readonly image?: { readonly subpath?: string }
}

export interface MountBind extends Extensible {
  readonly selinux?: string
  readonly propagation?: string
  /** Make a missing host directory. Absent means true where `bind` itself is there, and false where it is not. */
  readonly create_host_path?: boolean
  readonly recursive?: string
}

export interface MountVolume extends Extensible {
  readonly labels?: Mapping
  readonly nocopy?: boolean
  readonly subpath?: string
}

export interface Hook extends Extensible {
  readonly command?: List
  readonly image?: string
  readonly user?: string
  readonly privileged?: boolean
  readonly working_dir?: string
  readonly environment?: Mapping<string | null>
  readonly per_replica?: boolean
}

export interface Network extends Extensible {
  /** The engine's name: `PROJECT_KEY` unless the user chose one. */
  readonly name: string
  readonly driver?: string
  readonly driver_opts?: Mapping
  readonly ipam?: Ipam
  readonly external?: boolean
  readonly internal?: boolean
  readonly attachable?: boolean
  readonly labels?: Mapping
  readonly enable_ipv4?: boolean
  readonly enable_ipv6?: boolean
}

export interface Ipam extends Extensible {
  readonly driver?: string
  readonly config?: List<IpamPool>
  readonly options?: Mapping
}

export interface IpamPool extends Extensible {
  readonly subnet?: string
  readonly gateway?: string
  readonly ip_range?: string
  readonly aux_addresses?: Mapping
}

export interface Volume extends Extensible {
  /** The engine's name: `PROJECT_KEY` unless the user chose one. */
  readonly name: string
  readonly driver?: string
  readonly driver_opts?: Mapping
  readonly external?: boolean
  readonly labels?: Mapping
}

/** A config or a secret of the project. */
export interface FileObject extends Extensible {
  readonly name: string
  /** Absolute path of a file on the host. */
  readonly file?: string
  /** The variable that holds the content; its value is in `content` where it is set. */
  readonly environment?: string
  readonly content?: string
  readonly external?: boolean
  readonly labels?: Mapping
  readonly driver?: string
  readonly driver_opts?: Mapping
  readonly template_driver?: string
}

export interface Model extends Extensible {
  readonly name?: string
  readonly model: string
  readonly context_size?: number
  readonly runtime_flags?: List
}
