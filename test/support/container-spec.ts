/** A container spec with nothing asked for, and what a test changes in it. */
import type { ContainerSpec } from '../../src/driver/driver.ts'

export function containerSpec(changes: Partial<ContainerSpec>): ContainerSpec {
  return {
    containerName: 'app-web-1',
    image: 'busybox',
    labels: {},
    environment: [],
    groupAdd: [],
    tty: false,
    stdinOpen: false,
    init: false,
    readOnly: false,
    privileged: false,
    capAdd: [],
    capDrop: [],
    securityOpt: [],
    sysctls: {},
    ulimits: {},
    devices: [],
    deviceCgroupRules: [],
    deviceRequests: [],
    storageOpt: {},
    restart: { kind: 'no', maxRetries: 0 },
    mounts: [],
    networkMode: { kind: 'none' },
    ports: [],
    expose: [],
    extraHosts: [],
    dns: { servers: [], search: [], options: [] },
    resources: {},
    logging: { driver: '', options: {} },
    annotations: {},
    ...changes,
  }
}
