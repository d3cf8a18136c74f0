/** The file systems every container has: Docker's list. Pure. */
import type { ContainerSpec } from '../../../driver/driver.ts'
import type { OciMount } from '../monitor-spec.ts'

const QUIET = ['nosuid', 'noexec', 'nodev']
const SHM_BYTES = 64 * 1024 * 1024

export function defaultMounts(spec: ContainerSpec): readonly OciMount[] {
  const access = spec.privileged ? 'rw' : 'ro'
  const hostIpc = spec.ipc === 'host'
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: QUIET },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...QUIET, access] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...QUIET, access] },
    hostIpc ? shared('/dev/mqueue') : { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: QUIET },
    shmOf(spec),
  ]
}

/** Of another container's mounts: its mount namespace becomes the source when this one starts. The monitor knows the kind. */
export const SHARED_MEMORY = 'shared-memory'

function shmOf({ ipc, shmSizeBytes }: ContainerSpec): OciMount {
  if (ipc === 'host') return shared('/dev/shm')
  if (typeof ipc === 'object') return { destination: '/dev/shm', type: SHARED_MEMORY, source: '', options: [] }
  return ownShm(shmSizeBytes ?? SHM_BYTES)
}

function ownShm(bytes: number): OciMount {
  return { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...QUIET, 'mode=1777', `size=${bytes}`] }
}

function shared(path: string): OciMount {
  return { destination: path, type: 'bind', source: path, options: ['rbind', 'rprivate', 'rw', ...QUIET] }
}
