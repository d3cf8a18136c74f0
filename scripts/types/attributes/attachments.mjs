// What each attribute of the things that a service is attached to is: files, devices, mounts, networks, ports. See service.mjs.

export const FileReference = {
  page: '05-services.md',
  section: 'configs',
  text: 'A config or secret that a service, or its build, sees as a file.',
  attributes: {
    source: { required: true, text: "Its key among the project's `configs` or `secrets`." },
    target: {
      text: 'Where the file is. A name alone of a secret is one below `/run/secrets`; in a build it is the id of the secret.',
      default: '`/SOURCE` for a config, `/run/secrets/SOURCE` for a secret',
    },
    uid: 'Number of the user that owns the file.',
    gid: 'Number of the group that owns the file.',
    mode: { text: 'Permissions of the file.', default: '0444' },
  },
}

export const DeviceMapping = {
  page: '05-services.md',
  section: 'devices',
  text: 'A device of the host that a container may use.',
  attributes: {
    source: {
      required: true,
      text: 'Its path on the host, or its name in the notation of CDI: `vendor.com/device=gpu`.',
    },
    target: { text: 'Its path in the container.', default: 'the same' },
    permissions: { text: 'What the container may do: `r` read, `w` write, `m` make the node.', default: '`rwm`' },
  },
}

export const Mount = {
  page: '05-services.md',
  section: 'long-syntax-5',
  text: 'Something that is mounted into the containers.',
  attributes: {
    type: { required: true, text: 'What it is.' },
    source:
      "A path of the host for `bind`, a key of the project's volumes for `volume` (absent: one without a name), an image for `image`.",
    target: { required: true, text: 'Where it is in the container.' },
    read_only: 'Whether it is read-only.',
    consistency: "How closely both sides agree; the values are the platform's.",
    bind: { type: 'MountBind', text: 'Options of `bind`.' },
    volume: { type: 'MountVolume', text: 'Options of `volume`.' },
    tmpfs: { type: 'MountTmpfs', text: 'Options of `tmpfs`.' },
    image: { type: 'MountImage', text: 'Options of `image`.' },
  },
}

export const MountBind = {
  page: '05-services.md',
  section: 'long-syntax-5',
  text: 'Options of a path of the host that is mounted.',
  attributes: {
    selinux: 'How SELinux labels it: `z` shared, `Z` for this container alone.',
    propagation:
      'Whether mounts below it show on the other side: `private`, `shared`, `slave`, or one of these with `r` before it.',
    create_host_path: {
      text: 'Whether a missing directory is made on the host.',
      default: 'true where `bind` itself is there, and false where it is not',
    },
    recursive: 'What becomes of mounts below it.',
  },
}

export const MountVolume = {
  page: '05-services.md',
  section: 'long-syntax-5',
  text: 'Options of a volume that is mounted.',
  attributes: {
    labels: 'Labels of a volume that is made for the mount.',
    nocopy: "Whether a new volume stays empty instead of getting the image's files.",
    subpath: 'The directory of the volume that is mounted.',
  },
}

export const MountTmpfs = {
  page: '05-services.md',
  section: 'long-syntax-5',
  text: 'Options of a file system in memory.',
  attributes: {
    size: 'Its size.',
    mode: { text: 'Permissions of its root.', unit: 'permission bits as a number: 493 is 0755' },
  },
}

export const MountImage = {
  page: '05-services.md',
  section: 'long-syntax-5',
  text: 'Options of an image that is mounted.',
  attributes: { subpath: 'The directory of the image that is mounted.' },
}

export const ServiceNetwork = {
  page: '05-services.md',
  text: 'How the containers of a service are on one network.',
  attributes: {
    aliases: 'Further names that the containers are reached by on it.',
    driver_opts: 'What the driver of the network is told about the containers.',
    gw_priority: {
      text: 'The network with the highest is the one that leads outside.',
      default: '0',
    },
    interface_name: 'The name of the interface in the container: `eth0`.',
    ipv4_address: {
      at: 'ipv4_address-ipv6_address',
      text: "A fixed address; the network's `ipam` must have its subnet.",
    },
    ipv6_address: {
      at: 'ipv4_address-ipv6_address',
      text: "A fixed address; the network's `ipam` must have its subnet.",
    },
    link_local_ips: 'Link-local addresses.',
    mac_address: { at: 'mac_address-1', text: 'The hardware address of the interface.' },
    priority: { text: 'The network with the highest is joined first.', default: '0' },
  },
}

export const Port = {
  page: '05-services.md',
  section: 'long-syntax-3',
  text: 'A port of a container that is reached from outside.',
  attributes: {
    name: "What it is for, in words of the user's own.",
    mode: {
      text: 'Whether it is published on the host that runs the container (`host`) or on all of them (`ingress`).',
      default: '`ingress`',
    },
    host_ip: { text: 'The address of the host that it is published on.', default: 'all' },
    target: { required: true, text: 'The port in the container.', unit: 'a port number' },
    published: {
      text: 'The port of the host, or a range `8000-8010` of which one is taken.',
      default: 'one that the host chooses',
    },
    protocol: { text: 'The protocol below: `tcp`, `udp`, or what the platform offers.', default: '`tcp`' },
    app_protocol: 'The protocol above, such as `http`; a hint.',
  },
}
