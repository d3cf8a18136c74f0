/** The file systems every container has: Docker's list. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import type { OciMount } from '../monitor-spec.ts'

const QUIET = ['nosuid', 'noexec', 'nodev']
const SHM_BYTES = 64 * 1024 * 1024

export function defaultMounts(spec: ContainerSpec): readonly OciMount[] {
  const access = spec.privileged ? 'rw' : 'ro'
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
    // It shows the queues of whatever IPC namespace the container is in, also where the machine has not mounted its own.
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: QUIET },
    ...shmOf(spec),
  ]
}

/** Of another container's mounts: its mount namespace becomes the source when this one starts. The monitor knows the kind. */
export const SHARED_MEMORY = 'shared-memory'

/** With `ipc: none` there is none. */
function shmOf({ ipc, shmSizeBytes }: ContainerSpec): readonly OciMount[] {
  if (ipc === 'none') return []
  if (ipc === 'host') return [HOST_SHM]
  if (typeof ipc === 'object') return [{ destination: '/dev/shm', type: SHARED_MEMORY, source: '', options: [] }]
  return [ownShm(shmSizeBytes ?? SHM_BYTES)]
}

function ownShm(bytes: number): OciMount {
  if (bytes < 0) throw new DriverError('refused', `"shm_size" can't be ${bytes}`, { hint: 'use a size such as 64m' })
  return { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...QUIET, 'mode=1777', `size=${bytes}`] }
}

const HOST_SHM: OciMount = {
  destination: '/dev/shm',
  type: 'bind',
  source: '/dev/shm',
  options: ['rbind', 'rprivate', 'rw', ...QUIET],
}
