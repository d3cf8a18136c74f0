/** Kernel parameters of a container: only those that belong to a namespace of its own. Pure. */
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'

const IPC = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/

/** With a network of its own, ordinary users may ping and bind ports below 1024: nobody else has those ports. */
const OWN_NETWORK = { 'net.ipv4.ping_group_range': '0 2147483647', 'net.ipv4.ip_unprivileged_port_start': '0' }

/** A namespace that is shared with other containers is theirs too, but not the machine's. */
function refuseGlobal(spec: ContainerSpec, name: string): void {
  const isOfNetwork = name.startsWith('net.') && spec.networkMode.kind !== 'host'
  const isOfIpc = IPC.test(name) && spec.ipc !== 'host'
  const isOfUts = name === 'kernel.domainname' && spec.uts !== 'host'
  if (isOfNetwork || isOfIpc || isOfUts) return
  throw new DriverError('refused', `sysctl "${name}" would change the whole machine, not only this container`, {
    hint: 'parameters of a container are net.*, kernel.msg*, kernel.sem, kernel.shm*, fs.mqueue.* and kernel.domainname, where it shares that namespace with the machine not even those',
  })
}

export function sysctlsOf(spec: ContainerSpec): Record<string, string> {
  const ownNetwork = spec.networkMode.kind === 'networks' || spec.networkMode.kind === 'none'
  for (const name of Object.keys(spec.sysctls)) refuseGlobal(spec, name)
  return { ...(ownNetwork ? OWN_NETWORK : {}), ...spec.sysctls }
}
