/** Options of Docker's bridge driver that mean the same here: https://docs.docker.com/engine/network/drivers/bridge/#options. */

export const MTU = 'com.docker.network.driver.mtu'

/** The address that ports are published on where they name none. */
export const HOST_IP = 'com.docker.network.bridge.host_binding_ipv4'
