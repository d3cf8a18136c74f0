/** Who plays the scenarios: Docker Compose with Docker Engine, tscompose, or tscompose with Docker Engine. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program, repository, stateEnvironment } from '../../e2e/support/cli.ts'
import { dockerHost, startDaemon, whyNoDaemon } from '../../support/docker-daemon.ts'
import { whyNotPrivileged } from '../../support/privileged.ts'

export interface Subject {
  readonly name: string
  /** Why it cannot play here. */
  readonly missing: string | undefined
  /** Makes ready what it needs, and writes `compose`, `networks` and `take-down` into the folder; returns what ends it. */
  prepare(programs: string): Promise<() => Promise<void>>
}

const PEERS = process.env.TSCOMPOSE_PEERS || '/opt/peers'
const IMAGE = join(repository, 'test', 'support', 'images', 'busybox')
const TAGS = ['box:1', 'box:2']

export function subjectNamed(name: string): Subject {
  switch (name) {
    case 'tscompose':
      return { name, missing: whyNotPrivileged(), prepare: prepareNative }
    case 'tscompose-docker':
      return {
        name,
        missing: whyNoDaemon(),
        prepare: (programs) => prepareDocker(programs, `'${program}' --driver docker`),
      }
    case 'docker-compose':
      return {
        name,
        missing: whyNoDocker(),
        prepare: (programs) => prepareDocker(programs, join(PEERS, 'bin', 'docker-compose')),
      }
    default:
      throw new Error(`SUBJECT=${name}: there are docker-compose, tscompose and tscompose-docker`)
  }
}

function whyNoDocker(): string | undefined {
  const compose = join(PEERS, 'bin', 'docker-compose')
  return whyNoDaemon() ?? (existsSync(compose) ? undefined : `there is no ${compose}`)
}

async function prepareNative(programs: string): Promise<() => Promise<void>> {
  const state = stateEnvironment()
  writePrograms(programs, {
    compose: `${exports(state)}exec '${program}' "$@"`,
    'take-down': 'cd /; compose -p "$1" down -v --remove-orphans -t 0',
    networks: `ls '${state.TSCOMPOSE_DATA_DIR}/names/networks' | grep "^$1" || true`,
  })
  importImages([program, 'image', 'import'], { ...process.env, ...state })
  return async () => {}
}

async function prepareDocker(programs: string, compose: string): Promise<() => Promise<void>> {
  const end = startDaemon()
  const docker = join(PEERS, 'bin', 'docker')
  const environment = { DOCKER_HOST: dockerHost, DOCKER_CONFIG: join(PEERS, 'config') }
  writePrograms(programs, {
    compose: `${exports(environment)}exec ${compose} "$@"`,
    'take-down': `${exports(environment)}${takeDown(docker)}`,
    networks: `${exports(environment)}'${docker}' network ls --format '{{.Name}}' | grep "^$1" | sort`,
  })
  importImages([docker, 'import'], { ...process.env, ...environment })
  return async () => {
    execFileSync(docker, ['image', 'rm', ...TAGS], { env: { ...process.env, ...environment }, stdio: 'ignore' })
    await end()
  }
}

/** By their labels: what a scenario leaves may be nothing that \`down\` of the subject finds. */
function takeDown(docker: string): string {
  const kinds = { container: 'ps -aq', network: 'network ls -q', volume: 'volume ls -q' }
  const list = (words: string) => `'${docker}' ${words} --filter "label=com.docker.compose.project=$1"`
  return Object.entries(kinds)
    .map(([kind, words]) => `${list(words)} | xargs -r '${docker}' ${kind} rm -f\n`)
    .join('')
}

/** The same root file system for everybody, under names that nobody else uses: the second is another image. */
function importImages(command: readonly string[], env: NodeJS.ProcessEnv): void {
  const make = join(repository, 'examples', 'make-image.sh')
  const tar = execFileSync(make, ['--rootfs-only', IMAGE], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim()
  const [importer = '', ...words] = command
  for (const tag of TAGS) {
    const changes = ['--change', 'CMD ["sh"]', '--change', 'ENV FROM_IMAGE=yes', '--change', `LABEL box=${tag}`]
    execFileSync(importer, [...words, ...changes, tar, tag], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  }
}

function writePrograms(folder: string, scripts: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
}

function exports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')
}
