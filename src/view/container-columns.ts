/** The columns of `ps`, and the headings of the fields that a template may ask for besides. */
import type { Columns } from './template.ts'

export const containerColumns: Columns = {
  leastWidth: 10,
  table: [
    ['Name', 'NAME'],
    ['Image', 'IMAGE'],
    ['Command', 'COMMAND'],
    ['Service', 'SERVICE'],
    ['RunningFor', 'CREATED'],
    ['Status', 'STATUS'],
    ['Ports', 'PORTS'],
  ],
  headings: {
    CreatedAt: 'CREATED AT',
    ExitCode: 'EXIT CODE',
    Health: 'HEALTH',
    ID: 'CONTAINER ID',
    Labels: 'LABELS',
    LocalVolumes: 'LOCAL VOLUMES',
    Mounts: 'MOUNTS',
    Names: 'NAMES',
    Networks: 'NETWORKS',
    Project: 'PROJECT',
    Publishers: 'PUBLISHERS',
    Size: 'SIZE',
    State: 'STATE',
  },
}
