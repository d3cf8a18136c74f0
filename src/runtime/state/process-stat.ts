/** Fields of /proc/PID/stat (proc_pid_stat(5)). Pure. */

export interface ProcessStat {
  /** As the program calls itself; may hold anything. */
  readonly name: string
  /** `R`, `S`, `T` (stopped by a signal), `Z` (a zombie), `X` (gone) … */
  readonly state: string
  readonly parentPid: number
  /** A device number; 0 without one. */
  readonly terminal: number
  readonly cpuTicks: number
  /** Since boot. */
  readonly startTicks: number
}

export function parseStat(text: string): ProcessStat {
  // The name stands in brackets and may hold spaces and brackets itself.
  const end = text.lastIndexOf(')')
  const name = decoded(text.slice(text.indexOf('(') + 1, end))
  const fields = text.slice(end + 2).split(' ')
  const [state = ''] = fields
  const number = (field: number): number => Number(fields[field - 3])
  return {
    name,
    state,
    parentPid: number(4),
    terminal: number(7),
    cpuTicks: number(14) + number(15),
    startTicks: number(22),
  }
}

/** Read as Latin-1, in which nothing is lost. */
function decoded(name: string): string {
  return /^[ -~]*$/.test(name) ? name : Buffer.from(name, 'latin1').toString('utf8')
}

/** The kernel gives pseudo-terminals eight major numbers, of 256 terminals each. */
const FIRST_PTS = 136
const LAST_PTS = 143

/** `pts/0`; '' without a terminal, or with one of a kind that no container has. */
export function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (major >= FIRST_PTS && major <= LAST_PTS) return `pts/${(major - FIRST_PTS) * 256 + minor}`
  return major === 4 ? (minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`) : ''
}
