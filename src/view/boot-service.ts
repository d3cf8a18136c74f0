/** What starts `tscompose system boot` with the machine: a unit of systemd, or a line for cron. */

export interface BootServiceOptions {
  /** Absolute: nothing is looked up at boot. */
  readonly nodePath: string
  readonly programPath: string
  readonly dataDir: string
  /** What the state directories were chosen by, when they were. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * The monitors stay behind the command, in the unit's control group: when the unit is stopped, as it is when the machine is shut
 * down, each gets SIGTERM and stops its container within the container's own time.
 */
export function systemdUnit({ nodePath, programPath, dataDir, environment }: BootServiceOptions): string {
  const variables = Object.entries(environment).map(([name, value]) => `Environment=${unitWord(`${name}=${value}`)}`)
  return `${[
    '[Unit]',
    'Description=Containers of tscompose whose restart policy wants them to run',
    'Wants=network-online.target',
    'After=network-online.target local-fs.target',
    `RequiresMountsFor=${unitWord(dataDir)}`,
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...variables,
    `ExecStart=${[nodePath, programPath, 'system', 'boot'].map(commandWord).join(' ')}`,
    'TimeoutStartSec=infinity',
    'TimeoutStopSec=300',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n')}\n`
}

/** For /etc/cron.d. */
export function cronTable({ nodePath, programPath, environment }: BootServiceOptions): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${shellWord(value)} `)
  const command = `${variables.join('')}${[nodePath, programPath].map(shellWord).join(' ')} system boot`
  return [
    '# Containers of tscompose whose restart policy wants them to run.',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // To cron, a percent sign is the end of the command.
    `@reboot root ${command.replaceAll('%', '\\%')}`,
    '',
  ].join('\n')
}

/** In a command, systemd knows variables. */
function commandWord(word: string): string {
  return unitWord(word).replaceAll('$', '$$$$')
}

/** systemd knows quotes, backslashes and percent signs of its own. */
function unitWord(word: string): string {
  const escaped = word.replaceAll(/[\\"]/g, '\\$&').replaceAll('%', '%%')
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
