/** Kernel parameters of a container: only those that belong to a namespace of its own. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'

const IPC = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/

/** With a network of its own, ordinary users may ping and bind ports below 1024: nobody else has those ports. */
const OWN_NETWORK = { 'net.ipv4.ping_group_range': '0 2147483647', 'net.ipv4.ip_unprivileged_port_start': '0' }

export function sysctlsOf(spec: ContainerSpec): Record<string, string> {
  const ownNetwork = spec.networkMode.kind === 'networks' || spec.networkMode.kind === 'none'
  const ownIpc = spec.ipc === undefined || spec.ipc === 'private' || spec.ipc === 'shareable'
  for (const name of Object.keys(spec.sysctls)) {
    const namespaced = (name.startsWith('net.') && ownNetwork) || (IPC.test(name) && ownIpc)
    if (!namespaced)
      throw new DriverError('refused', `sysctl "${name}" would change the whole machine, not only this container`)
  }
  return { ...(ownNetwork ? OWN_NETWORK : {}), ...spec.sysctls }
}
