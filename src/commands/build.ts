import { Flags } from '@oclif/core'
import { notYet } from '../cli/failure.ts'
import { listFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { withoutDependencies } from '../cli/without-dependencies.ts'
import type { Project } from '../model/project.ts'
import { planBuild, reviewBuild } from '../planner/build.ts'
import { openFindings } from '../planner/findings.ts'
import type { ProgressEvent } from '../planner/progress.ts'
import { planServicePushes } from '../planner/push.ts'

export default class Build extends ProjectCommand {
  static override summary = 'Build or rebuild services (with a Docker daemon)'
  static override usage = 'build [OPTIONS] [SERVICE...]'
  static override flags = {
    'build-arg': listFlag({ description: 'Set build-time variables for services' }),
    builder: stringFlag({ description: 'Set builder to use' }),
    check: Flags.boolean({ description: 'Check build configuration' }),
    memory: stringFlag({
      char: 'm',
      helpValue: 'bytes',
      description: 'Set memory limit for the build container. Not supported by BuildKit.',
    }),
    'no-cache': Flags.boolean({ description: 'Do not use cache when building the image' }),
    print: Flags.boolean({ description: 'Print equivalent bake file' }),
    provenance: stringFlag({ description: 'Add a provenance attestation' }),
    pull: Flags.boolean({ description: 'Always attempt to pull a newer version of the image' }),
    push: Flags.boolean({ description: 'Push service images' }),
    quiet: Flags.boolean({ char: 'q', description: 'Suppress the build output' }),
    sbom: stringFlag({ description: 'Add a SBOM attestation' }),
    ssh: stringFlag({
      description:
        "Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)",
    }),
    'with-dependencies': Flags.boolean({ description: 'Also build dependencies (transitively)' }),
  }

  /** A project that has nothing to build is done. */
  override async run(): Promise<void> {
    const { flags } = await this.parse(Build)
    const whole = this.readProject(flags, { services: this.operands })
    const project = flags['with-dependencies'] ? whole : withoutDependencies(whole, this.operands)
    const [built] = Object.keys(project.services).filter((name) => project.services[name]?.build)
    if (built === undefined) return this.output.err('No services to build\n')
    if (!this.driver.limits.builds) {
      throw notYet(
        `building the image of service "${built}"`,
        'use a Docker daemon with "--driver docker", or bring the image in with "tscompose image load"',
      )
    }
    refuseWhatNeedsMore(flags)
    review(project)
    const options = {
      services: [],
      args: readArgs(flags['build-arg'], process.env),
      noCache: flags['no-cache'],
      pull: flags.pull,
    }
    const wishes = { globals: flags, locks: false, shows: showsOutput(flags.quiet) } as const
    await this.change(project.name, () => planBuild(project, options), wishes)
    if (flags.push) await this.change(project.name, () => planServicePushes(project, { ignoreFailures: false }), wishes)
  }
}

function showsOutput(isQuiet: boolean): (event: ProgressEvent) => boolean {
  return (event) => !(isQuiet && event.output !== undefined)
}

/** What can't be asked of a builder over the daemon's API. */
const BEYOND = ['builder', 'check', 'memory', 'print', 'provenance', 'sbom', 'ssh'] as const

function refuseWhatNeedsMore(flags: Readonly<Partial<Record<(typeof BEYOND)[number], unknown>>>): void {
  const asked = BEYOND.find((name) => flags[name])
  if (asked !== undefined) throw notYet(`"--${asked}"`, 'leave it out, or build with "docker compose build"')
}

function review(project: Project): void {
  const findings = openFindings()
  for (const [name, service] of Object.entries(project.services)) findings.add(...reviewBuild(project, name, service))
  findings.settle()
}

/** `KEY=VALUE`; of `KEY` alone the value is the environment's. */
function readArgs(texts: readonly string[], env: NodeJS.ProcessEnv): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? []
      return [key, value ?? env[key] ?? null]
    }),
  )
}
