// What each attribute of `deploy` and of the resources of a service is. See service.mjs.

export const Deploy = {
  page: 'deploy.md',
  text: 'How many containers there are, with which resources, and how they are replaced.',
  attributes: {
    mode: {
      text: 'Whether there are `replicas` containers (`replicated`) or one for each machine (`global`).',
      default: '`replicated`',
    },
    replicas: { text: 'How many containers there are.', unit: 'containers' },
    labels: 'Labels of the service, not of its containers.',
    update_config: { type: 'UpdateConfig', text: 'How containers are replaced by changed ones.' },
    rollback_config: { type: 'UpdateConfig', text: 'How a failed update is taken back.' },
    resources: { type: 'Resources', text: 'What the containers may use at most, and what they have for sure.' },
    restart_policy: {
      type: 'RestartPolicy',
      text: 'When a container that ended is started again; absent: `restart` says.',
    },
    placement: { type: 'Placement', text: 'Which machines the containers run on.' },
    endpoint_mode: {
      text: 'How clients find the service: by one address (`vip`) or by all of them (`dnsrr`).',
      default: "the platform's",
    },
  },
}

export const UpdateConfig = {
  page: 'deploy.md',
  section: 'update_config',
  text: 'How containers are replaced.',
  attributes: {
    parallelism: { text: 'How many at a time; 0 is all at once.', unit: 'containers' },
    delay: { text: 'The pause between two groups.', default: '0s' },
    failure_action: {
      text: 'What a failure leads to: `continue`, `pause` or, for an update, `rollback`.',
      default: '`pause`',
    },
    monitor: { text: 'How long a new container is watched for failure.', default: '0s' },
    max_failure_ratio: { text: 'How many failures are put up with.', unit: 'a fraction from 0 to 1', default: '0' },
    order: { text: 'Whether the old one stops first, or the new one starts first.', default: '`stop-first`' },
  },
}

export const Resources = {
  page: 'deploy.md',
  section: 'resources',
  text: 'What the containers may use at most, and what they have for sure.',
  attributes: {
    limits: { type: 'Resource', text: 'What the platform must not let a container exceed.' },
    reservations: { type: 'Resource', text: 'What the platform must keep for a container.' },
  },
}

export const Resource = {
  page: 'deploy.md',
  text: 'Amounts of what a container uses.',
  attributes: {
    cpus: { text: 'Processor time.', unit: 'processors, in fractions: `0.5`' },
    memory: 'Memory.',
    pids: { text: 'Processes at once; only among the limits.', unit: 'processes' },
    devices: { type: 'DeviceRequest', text: 'Devices; only among the reservations.' },
    generic_resources: {
      type: 'GenericResource',
      at: 'resources',
      text: 'What the platform was told to count; only among the reservations.',
    },
  },
}

export const GenericResource = {
  page: 'deploy.md',
  section: 'resources',
  text: 'Something that the platform was told to count.',
  attributes: {
    discrete_resource_spec: { type: 'DiscreteResource', text: 'What it is, and how many of it.' },
  },
}

export const DiscreteResource = {
  page: 'deploy.md',
  section: 'resources',
  text: 'A number of things of one kind.',
  attributes: {
    kind: { required: true, text: 'The kind.' },
    value: { required: true, text: 'How many.', unit: 'pieces' },
  },
}

export const DeviceRequest = {
  page: 'deploy.md',
  section: 'devices',
  text: 'Devices that are reserved for a container.',
  attributes: {
    capabilities: { at: 'capabilities', text: 'What the device must be able to do, such as `gpu`.' },
    driver: { at: 'driver', text: 'Who provides the device.' },
    count: {
      at: 'count',
      text: 'How many; not together with `device_ids`.',
      unit: 'devices; -1 for all of them',
      default: 'all',
    },
    device_ids: { at: 'device_ids', text: 'Which ones; not together with `count`.' },
    options: { at: 'options', text: 'What the driver is told.' },
  },
}

export const RestartPolicy = {
  page: 'deploy.md',
  section: 'restart_policy',
  text: 'When a container that ended is started again.',
  attributes: {
    condition: { text: 'After which ends: `none`, `on-failure` or `any`.', default: '`any`' },
    delay: { text: 'The pause before each attempt.', default: '0s' },
    max_attempts: { text: 'How many attempts there are.', unit: 'attempts', default: 'any number' },
    window: { text: 'How long a container has to run for the attempt to have succeeded.', default: '0s' },
  },
}

export const Placement = {
  page: 'deploy.md',
  section: 'placement',
  text: 'Which machines the containers run on.',
  attributes: {
    constraints: { at: 'constraints', text: 'What must be true of a machine: `disktype=ssd`.' },
    preferences: { type: 'PlacementPreference', at: 'preferences', text: 'How the containers are spread.' },
    max_replicas_per_node: {
      text: 'How many containers one machine may have.',
      unit: 'containers',
      default: 'any number',
    },
  },
}

export const PlacementPreference = {
  page: 'deploy.md',
  section: 'preferences',
  text: 'How the containers are spread.',
  attributes: { spread: 'Evenly over the values of this label of the machines.' },
}

export const BlkioConfig = {
  page: '05-services.md',
  section: 'blkio_config',
  text: 'Weights and limits of reading from and writing to block devices.',
  attributes: {
    weight: {
      at: 'weight',
      text: 'The share of all devices, from 10 to 1000.',
      unit: 'a weight, relative to the other containers',
      default: '500',
    },
    weight_device: { type: 'WeightDevice', at: 'weight_device', text: 'The share of single devices.' },
    device_read_bps: {
      type: 'ThrottleDevice',
      at: 'device_read_bps-device_write_bps',
      text: 'How fast devices may be read, in bytes each second.',
    },
    device_read_iops: {
      type: 'ThrottleDevice',
      at: 'device_read_iops-device_write_iops',
      text: 'How often devices may be read, in operations each second.',
    },
    device_write_bps: {
      type: 'ThrottleDevice',
      at: 'device_read_bps-device_write_bps',
      text: 'How fast devices may be written, in bytes each second.',
    },
    device_write_iops: {
      type: 'ThrottleDevice',
      at: 'device_read_iops-device_write_iops',
      text: 'How often devices may be written, in operations each second.',
    },
  },
}

export const WeightDevice = {
  page: '05-services.md',
  section: 'weight_device',
  text: 'The share that a container has of one device.',
  attributes: {
    path: { required: true, text: 'The device: `/dev/sda`.' },
    weight: { required: true, text: 'The share, from 10 to 1000.', unit: 'a weight, relative to the other containers' },
  },
}

export const ThrottleDevice = {
  page: '05-services.md',
  section: 'device_read_bps-device_write_bps',
  text: 'A limit of one device.',
  attributes: {
    path: { required: true, text: 'The device: `/dev/sda`.' },
    rate: { required: true, text: 'The limit.', unit: 'bytes each second, or operations each second for `…_iops`' },
  },
}

export const Ulimit = {
  page: '05-services.md',
  section: 'ulimits',
  text: "One resource limit of the container's processes; -1 is unlimited. A number alone is both limits.",
  or: 'number',
  attributes: {
    soft: 'What holds now; a process may raise it up to `hard`. Absent: 0.',
    hard: 'What `soft` may be raised to. Absent: 0.',
  },
}
