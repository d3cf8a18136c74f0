// What each attribute of `build` and `develop` is. See service.mjs.

export const Build = {
  page: 'build.md',
  text: 'How the image of a service is built from source.',
  attributes: {
    context: {
      text: 'The directory that is built, or the URL of a repository.',
      loaded: 'A path is absolute.',
      default: "the project's directory",
    },
    dockerfile: { text: 'The Dockerfile, as seen from `context`.', default: '`Dockerfile`' },
    dockerfile_inline: 'The text of the Dockerfile, instead of a file.',
    entitlements: 'Rights that the build gets beyond the usual ones, such as `network.host`.',
    args: {
      text: 'Values of the `ARG`s.',
      note: "`null`: named without a value, and the project's environment has none either.",
    },
    provenance: 'Whether a provenance attestation is added, or its settings: `true`, `false` or `mode=max`.',
    sbom: 'Whether a list of the parts is added, or the generator of it: `true`, `false` or `generator=IMAGE`.',
    ssh: 'SSH agents and keys that the build may use.',
    labels: 'Labels of the image.',
    cache_from: 'Where earlier steps are looked up: `NAME` or `type=TYPE[,KEY=VALUE]`.',
    cache_to: 'Where the steps are kept for later builds: `NAME` or `type=TYPE[,KEY=VALUE]`.',
    no_cache: 'Whether every step is done anew.',
    no_cache_filter: { at: 'no_cache', text: 'Stages whose steps are done anew.' },
    additional_contexts:
      'Further directories, repositories or images that the Dockerfile names; `service:NAME` is the image of a service.',
    pull: 'Whether the images it starts from are fetched anew.',
    extra_hosts: 'Lines for `/etc/hosts` during the build.',
    isolation: "How the build is kept apart; the values are the platform's.",
    network: 'The network of the `RUN` steps: `none`, `host` or a name.',
    target: { text: 'The stage that is built.', default: 'the last one' },
    secrets: { type: 'FileReference', text: 'Secrets of the project that the build may read.' },
    shm_size: 'The size of `/dev/shm` during the build.',
    tags: 'Names that the image gets besides `image`.',
    ulimits: { type: 'Ulimit', text: "Resource limits of the build's processes, keyed by limit." },
    platforms: { text: 'The platforms that are built for.', default: "the service's `platform`" },
    privileged: 'Whether the build has elevated rights.',
  },
}

export const Develop = {
  page: 'develop.md',
  section: 'attributes',
  text: 'What is to happen when source files change during development.',
  attributes: {
    watch: { type: 'WatchRule', at: 'watch', text: 'Which changes lead to what.' },
  },
}

export const WatchRule = {
  page: 'develop.md',
  text: 'What a change below one path leads to.',
  attributes: {
    path: { required: true, text: 'The file or directory that is watched.', loaded: 'Absolute.' },
    action: { required: true, text: 'What a change leads to.' },
    target: 'Where the files go in the container.',
    exec: { type: 'Hook', text: 'The command that runs after `sync+exec`.' },
    include: { text: 'Patterns of the files that count.', default: 'all' },
    ignore: 'Patterns of the files that do not count, as in `.dockerignore`.',
    initial_sync: 'Whether the files are compared when watching starts.',
  },
}
