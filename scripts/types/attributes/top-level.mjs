// What each attribute of the project's networks, volumes, configs, secrets and models is. See service.mjs.

const NAME = {
  required: true,
  text: "The engine's name of it.",
  default: '`PROJECT_KEY`, or the key alone where it is external',
}

export const Network = {
  page: '06-networks.md',
  text: 'A network of the project.',
  attributes: {
    name: NAME,
    driver: { text: 'Who provides it.', default: "the platform's" },
    driver_opts: 'What the driver is told.',
    ipam: { type: 'Ipam', text: 'How it gives out addresses.' },
    external: { text: 'Whether it was made elsewhere and is only used here.', default: 'false' },
    internal: { text: 'Whether nothing leads outside from it.', default: 'false' },
    attachable: "Whether containers that are not the project's may join it.",
    labels: 'Its labels.',
    enable_ipv4: 'Whether containers get an IPv4 address on it.',
    enable_ipv6: 'Whether containers get an IPv6 address on it.',
  },
}

export const Ipam = {
  page: '06-networks.md',
  section: 'ipam',
  text: 'How a network gives out addresses.',
  attributes: {
    driver: { text: 'Who gives them out.', default: "the platform's" },
    config: { type: 'IpamPool', text: 'The ranges that they come from.' },
    options: 'What the driver is told.',
  },
}

export const IpamPool = {
  page: '06-networks.md',
  section: 'ipam',
  text: 'A range of addresses.',
  attributes: {
    subnet: 'All of it, in CIDR notation: `172.28.0.0/16`.',
    gateway: 'The address that leads outside.',
    ip_range: 'The part that containers get theirs from, in CIDR notation.',
    aux_addresses: 'Addresses that are taken, keyed by who has them.',
  },
}

export const Volume = {
  page: '07-volumes.md',
  text: 'A volume of the project.',
  attributes: {
    name: NAME,
    driver: { text: 'Who provides it.', default: "the platform's" },
    driver_opts: 'What the driver is told.',
    external: { text: 'Whether it was made elsewhere and is only used here.', default: 'false' },
    labels: 'Its labels.',
  },
}

export const FileObject = {
  page: '08-configs.md',
  section: 'configs-top-level-element',
  text: 'A config or a secret of the project: a file, a variable or a text that services see as a file.',
  attributes: {
    name: NAME,
    file: { text: 'The file with the content.', loaded: 'Absolute.' },
    environment: { text: 'The variable with the content.', loaded: 'What it holds is in `content`.' },
    content: { text: 'The content itself.', loaded: 'That of the variable `environment` too, where it is set.' },
    external: { text: 'Whether it was made elsewhere and is only used here.', default: 'false' },
    labels: 'Its labels.',
    driver: { at: 'secrets-top-level-element', page: '09-secrets.md', text: 'Who provides it; only of a secret.' },
    driver_opts: {
      at: 'secrets-top-level-element',
      page: '09-secrets.md',
      text: 'What the driver is told; only of a secret.',
    },
    template_driver: 'Who fills in the content where it is a template.',
  },
}

export const Model = {
  page: 'models.md',
  section: 'attributes',
  text: 'A language model of the project.',
  attributes: {
    name: { text: 'Its name for the engine.' },
    model: { required: true, text: 'The reference of the OCI artifact that holds it.' },
    context_size: { text: 'How much text it looks at.', unit: 'tokens' },
    runtime_flags: 'What the program that runs it is told.',
  },
}
