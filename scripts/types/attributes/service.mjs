// What each attribute of a service is. Own words; facts from the Compose Specification, whose section every comment links.
// A text alone is what the attribute is. `at` is the section where it is not the attribute's own name, `type` names what it holds,
// and `loaded` is what is only true of a loaded project, not of a file.

export const Service = {
  page: '05-services.md',
  text: 'One service: what its containers are made from and how they run.',
  attributes: {
    profiles: 'Profiles that switch the service on. One without any is always on.',
    annotations: 'Annotations of the container, for the runtime and its hooks.',
    attach: { text: 'Whether `up` shows what the service logs.', default: 'true' },
    build: { type: 'Build', text: 'How the image is built from source.' },
    develop: { type: 'Develop', text: 'What is to happen when source files change during development.' },
    blkio_config: { type: 'BlkioConfig', text: 'Weights and limits of reading from and writing to block devices.' },
    cap_add:
      'Linux capabilities that the container gets beyond the default ones, such as `NET_ADMIN`; `ALL` for every one.',
    cap_drop: 'Linux capabilities that are taken from the container; `ALL` for every one.',
    cgroup_parent: 'The cgroup below which the container gets its own.',
    cgroup: { text: 'The cgroup namespace: of the `host`, or a `private` one.', default: "the runtime's choice" },
    cpu_count: { text: 'How many processors the container may use.', unit: 'whole processors' },
    cpu_percent: { text: 'How much of the available processor time the container may use.', unit: 'percent' },
    cpu_period: { text: 'The period in which the kernel hands out `cpu_quota`.', unit: 'microseconds' },
    cpu_quota: { text: 'Processor time that the container may use in each `cpu_period`.', unit: 'microseconds' },
    cpu_rt_period: { text: 'The period in which the kernel hands out `cpu_rt_runtime`.', unit: 'microseconds' },
    cpu_rt_runtime: { text: 'Processor time for realtime tasks in each `cpu_rt_period`.', unit: 'microseconds' },
    cpus: {
      text: 'How much processor time the container may use at most.',
      unit: 'processors, in fractions: `1.5`',
      default: 'no limit',
    },
    cpuset: 'The processors that the container may run on: a range such as `0-3`, or a list such as `0,1`.',
    cpu_shares: {
      text: 'The share of processor time when there is not enough for all.',
      unit: 'a weight, relative to the other containers',
    },
    command: {
      text: 'The words of the command that the container runs.',
      note: "Absent: the image's. Empty: none, the image's is cleared.",
    },
    configs: { type: 'FileReference', text: 'Configs of the project that the containers see as files.' },
    container_name: {
      text: 'The name of the one container; more than one is refused then.',
      default: '`PROJECT-SERVICE-NUMBER`',
    },
    credential_spec: {
      type: 'CredentialSpec',
      text: 'The credentials of a managed service account, for Windows containers.',
    },
    depends_on: {
      type: 'Dependency',
      text: 'What is started before this service and stopped after it, keyed by service.',
    },
    deploy: { type: 'Deploy', text: 'How many containers there are, with which resources, and how they are replaced.' },
    device_cgroup_rules: "Rules about devices in the kernel's notation: `c 1:3 mr`.",
    devices: { type: 'DeviceMapping', text: 'Devices of the host that the container may use.' },
    dns: 'Addresses of the name servers that the container asks.',
    dns_opt: 'Options of the resolver, as in `/etc/resolv.conf`.',
    dns_search: 'Domains that short names are looked up in.',
    domainname: 'The domain name of the container, as RFC 1123 has it.',
    entrypoint: {
      text: 'The words of the program that `command` is handed to.',
      note: "Absent: the image's. Empty: none, the image's is cleared. With one, the image's own command is not used.",
    },
    provider: { type: 'Provider', text: 'The program that runs this service instead of a container.' },
    environment: {
      text: 'Environment variables of the container.',
      note: "`null`: named without a value, and the project's environment has none either.",
    },
    env_file: {
      type: 'EnvFile',
      text: 'Files of environment variables; of two that set one, the later wins, and `environment` wins over all.',
      loaded: 'Absent after loading: what the files say stands in `environment`.',
    },
    expose:
      'Ports that other services may reach and that are not published: `PORT` or `FROM-TO`, with `/PROTOCOL` or without.',
    extends: {
      type: 'Extends',
      text: 'The service that this one is laid over.',
      loaded: 'Absent after loading, except where the service it names is empty.',
    },
    external_links: 'Containers of other projects that are reached by name: `CONTAINER` or `CONTAINER:ALIAS`.',
    extra_hosts: "Lines for the container's `/etc/hosts`.",
    group_add: "Groups, by name or number, that the container's user is in besides its own.",
    gpus: { type: 'DeviceRequest', text: 'Graphics processors that are reserved for the container.' },
    hostname: 'The host name of the container, as RFC 1123 has it.',
    healthcheck: {
      type: 'HealthCheck',
      text: "How it is found out whether a container works; laid over the image's own check.",
    },
    image: {
      text: 'The image that containers are made from: `[REGISTRY/][PATH/]NAME[:TAG|@DIGEST]`.',
      note: 'May be absent where there is a `build`, which then gives the name `PROJECT-SERVICE`.',
    },
    init: { text: 'Whether a small first process passes on signals and reaps processes.', default: 'false' },
    ipc: 'The IPC namespace: `shareable`, `service:NAME`, or what the platform offers, such as `host`.',
    isolation: "How containers are kept apart; the values are the platform's.",
    labels: 'Labels of the containers. Those below `com.docker.compose` are reserved.',
    label_file: {
      text: 'Files of labels; `labels` wins over what they say.',
      loaded: 'Absent after loading: what the files say stands in `labels`.',
    },
    links: 'Other services that are reached by a further name: `SERVICE` or `SERVICE:ALIAS`. They are started first.',
    logging: { type: 'Logging', text: 'Where the output of the containers is kept.' },
    mem_limit: { text: 'Memory that the container may use at most.' },
    mem_reservation: { text: 'Memory that the container is to have when memory is short.' },
    memswap_limit: {
      text: 'Memory and swap together that the container may use at most.',
      note: '`-1`: any amount of swap. Equal to `mem_limit`: no swap. Absent: as much swap as memory.',
    },
    mem_swappiness: {
      text: 'How willingly the kernel swaps out memory of the container, from `0` (never) to `100`.',
      unit: 'percent',
      default: "the platform's",
    },
    mac_address: "The container's hardware address; newer engines want it in `networks` instead.",
    models: {
      type: 'ServiceModel',
      text: "The project's models that the containers use, keyed by model; `null` is one without options.",
    },
    network_mode: {
      text: "A network other than the project's: `none`, `host`, `service:NAME`, `container:NAME`, or what the platform offers.",
      note: 'Absent where `networks` speaks.',
    },
    networks: {
      type: 'ServiceNetwork',
      text: 'The networks of the project that the containers are on, keyed by network; `null` is one without options.',
      default: 'the network `default`',
    },
    oom_kill_disable: 'Whether the kernel leaves the container alone when memory runs out.',
    oom_score_adj: {
      text: 'How readily the kernel kills the container when memory runs out.',
      unit: 'a number from -1000 (last) to 1000 (first)',
    },
    pid: 'The PID namespace: `host`, `service:NAME`, or what the platform offers.',
    pids_limit: { text: 'How many processes the container may have at once.', unit: 'processes; -1 for any number' },
    platform: 'The platform that the image is chosen for: `OS[/ARCHITECTURE[/VARIANT]]`.',
    ports: {
      type: 'Port',
      text: 'Ports of the container that are reached from outside.',
      loaded: 'One entry for each.',
    },
    privileged: "Whether the container has the rights of the host's root.",
    pull_policy: {
      text: 'When the image is fetched: `always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_DURATION`.',
      default: '`missing`',
    },
    read_only: "Whether the container's root file system is read-only.",
    restart: {
      text: 'When a container that ended is started again: `no`, `always`, `on-failure[:TIMES]` or `unless-stopped`.',
      default: '`no`',
    },
    runtime: 'The OCI runtime that runs the containers.',
    scale: { text: 'How many containers there are.', unit: 'containers', default: '1' },
    secrets: { type: 'FileReference', text: 'Secrets of the project that the containers see as files.' },
    security_opt: 'Labels and options of the security module, such as `label:user:USER`.',
    shm_size: 'The size of `/dev/shm`.',
    stdin_open: 'Whether standard input stays open.',
    stop_grace_period: { text: 'How long a container may take to stop before it is killed.', default: '10s' },
    stop_signal: { text: 'The signal that asks a container to stop.', default: '`SIGTERM`' },
    storage_opt: 'Options of the storage driver, such as `size`.',
    sysctls: "Kernel parameters of the container's namespaces.",
    tmpfs: 'File systems in memory: `PATH` or `PATH:OPTIONS`, with the options `mode`, `uid` and `gid` among others.',
    tty: 'Whether the container gets a terminal.',
    ulimits: {
      type: 'Ulimit',
      text: "Resource limits of the container's processes, keyed by limit, such as `nofile`.",
    },
    use_api_socket: "Whether the container gets the engine's API socket and the user's credentials.",
    user: {
      text: "The user of the container's process: `USER[:GROUP]`, by name or number.",
      default: "the image's, else `root`",
    },
    userns_mode: 'The user namespace: `host`, or what the platform offers.',
    uts: { text: 'The UTS namespace: `host`.', default: "the runtime's choice" },
    volumes: { type: 'Mount', text: 'What is mounted into the containers.' },
    volumes_from:
      'Services or containers whose volumes are mounted too: `SERVICE` or `container:NAME`, each with `:ro`, `:rw` or neither.',
    working_dir: { text: 'The directory that the command runs in.', default: "the image's" },
    pre_start: {
      type: 'Hook',
      text: 'Commands that run to their end, each in a container of its own, before the service starts.',
    },
    post_start: { type: 'Hook', text: 'Commands that run in the container once it has started.' },
    pre_stop: { type: 'Hook', text: 'Commands that run in the container before it is stopped.' },
  },
}

export const Extends = {
  page: '05-services.md',
  section: 'extends',
  text: 'A service that another one is laid over.',
  attributes: {
    file: { at: 'finding-referenced-service', text: 'The file that defines it.', default: 'the same file' },
    service: 'Its name.',
  },
}

export const HealthCheck = {
  page: '05-services.md',
  section: 'healthcheck',
  text: 'How it is found out whether a container works.',
  attributes: {
    test: 'The command that tells: its first word is `CMD`, `CMD-SHELL` or `NONE`, or, with tscompose alone, `TCP` or `HTTP`.',
    timeout: { text: 'How long one check may take.', default: "the image's, else 30s" },
    interval: { text: 'How long after a check the next one runs.', default: "the image's, else 30s" },
    retries: {
      text: 'How many checks in a row have to fail for the container to be unhealthy.',
      unit: 'checks',
      default: "the image's, else 3",
    },
    start_period: { text: 'How long after the start failed checks do not count.', default: "the image's, else 0s" },
    start_interval: { text: 'What `interval` is during `start_period`.', default: "the image's, else 5s" },
    disable: "Whether the image's own check is switched off.",
  },
}

export const Hook = {
  page: '05-services.md',
  section: 'post_start',
  text: 'A command that runs around the life of a container.',
  attributes: {
    command: { text: 'Its words.', note: "In `pre_start` it may be absent: then the image's command runs." },
    image: { at: 'pre_start', text: 'The image of its container; only in `pre_start`.', default: "the service's" },
    user: {
      text: 'Who runs it.',
      default: "the service's user; in `pre_start` with an image of its own, that image's",
    },
    privileged: "Whether it has the rights of the host's root.",
    working_dir: { text: 'The directory that it runs in.', default: "the service's" },
    environment: "Environment variables that it has besides the service's own.",
    per_replica: {
      at: 'pre_start',
      text: 'Whether it runs for each container, or once for the service; only in `pre_start`.',
      default: 'false',
    },
  },
}

export const CredentialSpec = {
  page: '05-services.md',
  section: 'credential_spec',
  text: 'Where the credentials of a managed service account stand; one of the three.',
  attributes: {
    config: 'A config of the project.',
    file: 'A file.',
    registry: "A value in the Windows registry of the engine's host.",
  },
}

export const Dependency = {
  page: '05-services.md',
  section: 'long-syntax-1',
  text: 'How one service waits for another.',
  attributes: {
    condition: {
      required: true,
      text: 'What the other one must have done before this one starts.',
      default: '`service_started`',
    },
    restart: { text: 'Whether this service is restarted when Compose has changed the other one.', default: 'false' },
    required: {
      required: true,
      text: 'Whether the other one has to be there; if not, its absence is only a warning.',
      default: 'true',
    },
  },
}

export const EnvFile = {
  page: '05-services.md',
  section: 'env_file',
  text: 'A file of environment variables.',
  attributes: {
    path: { required: true, text: 'Its path.', loaded: 'Absolute.' },
    required: { at: 'required', required: true, text: 'Whether it has to be there.', default: 'true' },
    format: { at: 'format', text: '`raw` for values that are taken as they are.', default: "Compose's own rules" },
  },
}

export const Logging = {
  page: '05-services.md',
  section: 'logging',
  text: 'Where the output of the containers is kept.',
  attributes: {
    driver: { text: 'Who keeps it.', default: "the platform's" },
    options: 'What the driver is told.',
  },
}

export const Provider = {
  page: '05-services.md',
  section: 'provider',
  text: 'The program that runs a service instead of a container.',
  attributes: {
    type: { at: 'type', required: true, text: 'Its name.' },
    options: { at: 'options', text: 'What it is told; each option may have several values.' },
  },
}

export const ServiceModel = {
  page: '05-services.md',
  section: 'models',
  text: 'How a service learns of a model.',
  attributes: {
    endpoint_var: {
      text: "The environment variable that holds the model's address.",
      default: '`MODEL_URL`, made from the key of the model',
    },
    model_var: {
      text: "The environment variable that holds the model's name.",
      default: '`MODEL`, made from the key of the model',
    },
  },
}
