// What only a file has: attributes that are gone once the project is loaded. See service.mjs.

export const ComposeFile = {
  page: '03-compose-file.md',
  section: 'compose-file',
  text: 'A Compose file, as it may be written. `JSON.stringify` makes a file of it.',
  attributes: {
    version: {
      page: '04-version-and-name.md',
      at: 'version-top-level-element-obsolete',
      text: 'Means nothing any more.',
    },
    name: {
      page: '04-version-and-name.md',
      at: 'name-top-level-element',
      text: 'The name of the project.',
      default: "the directory's",
    },
    include: {
      page: '14-include.md',
      at: 'include',
      text: 'Other files, each a project of its own, that this one takes in.',
    },
    services: { page: '05-services.md', at: 'services-top-level-element', text: 'The services, keyed by name.' },
    models: {
      page: 'models.md',
      at: 'models-top-level-element',
      text: 'The language models, keyed as services name them.',
    },
    networks: {
      page: '06-networks.md',
      at: 'networks-top-level-element',
      text: 'The networks, keyed as services name them.',
    },
    volumes: {
      page: '07-volumes.md',
      at: 'volumes-top-level-element',
      text: 'The volumes, keyed as services name them.',
    },
    secrets: {
      page: '09-secrets.md',
      at: 'secrets-top-level-element',
      text: 'The secrets, keyed as services name them.',
    },
    configs: {
      page: '08-configs.md',
      at: 'configs-top-level-element',
      text: 'The configs, keyed as services name them.',
    },
  },
}

export const Include = {
  page: '14-include.md',
  section: 'long-syntax',
  text: 'A project that is taken in.',
  attributes: {
    path: { at: 'path', text: 'Its file, or several that are laid over each other.' },
    env_file: { at: 'env_file', text: 'Files of variables for it.', default: '`.env` in its directory' },
    project_directory: {
      at: 'project_directory',
      text: 'What its relative paths are seen from.',
      default: 'the directory of its file',
    },
  },
}

export const External = {
  page: '06-networks.md',
  section: 'external',
  text: 'An old way to name what was made elsewhere.',
  attributes: { name: "The engine's name of it; write `name` beside `external` instead." },
}

/** What the schema has in types that stay, and what no project has. */
export const FileOnly = {
  page: '05-services.md',
  section: 'pull_policy',
  attributes: { pull_refresh_after: 'How old an image may get before it is fetched again; nothing looks at it.' },
}
