import { expect, test } from 'vitest'
import { cronTable, systemdUnit } from '../../src/view/boot-service.ts'

const plain = {
  nodePath: '/usr/bin/node',
  programPath: '/opt/tscompose/bin/tscompose.cjs',
  dataDir: '/var/lib/tscompose',
  environment: {},
}
const odd = {
  nodePath: '/opt/my node/bin/node',
  programPath: '/opt/100%/$HOME/it\'s "it"/tscompose',
  dataDir: '/srv/the data',
  environment: { TSCOMPOSE_DATA_DIR: '/srv/the data' },
}

test('a unit of systemd waits for the network and stops what it has started with the machine', () => {
  expect(systemdUnit(plain)).toMatchInlineSnapshot(`
    "[Unit]
    Description=Containers of tscompose whose restart policy wants them to run
    Wants=network-online.target
    After=network-online.target local-fs.target
    RequiresMountsFor=/var/lib/tscompose

    [Service]
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/usr/bin/node /opt/tscompose/bin/tscompose.cjs system boot
    TimeoutStartSec=infinity
    TimeoutStopSec=300

    [Install]
    WantedBy=multi-user.target
    "
  `)
})

test('a table for cron is one line', () => {
  expect(cronTable(plain)).toMatchInlineSnapshot(`
    "# Containers of tscompose whose restart policy wants them to run.
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    @reboot root /usr/bin/node /opt/tscompose/bin/tscompose.cjs system boot
    "
  `)
})

test('odd paths are quoted for whoever reads them', () => {
  expect(
    systemdUnit(odd)
      .split('\n')
      .filter((line) => /^(Env|Exec|Requires)/.test(line)),
  ).toMatchInlineSnapshot(`
    [
      "RequiresMountsFor="/srv/the data"",
      "Environment="TSCOMPOSE_DATA_DIR=/srv/the data"",
      "ExecStart="/opt/my node/bin/node" "/opt/100%%/$$HOME/it's \\"it\\"/tscompose" system boot",
    ]
  `)
  expect(cronTable(odd).split('\n').at(-2)).toMatchInlineSnapshot(
    `"@reboot root TSCOMPOSE_DATA_DIR='/srv/the data' '/opt/my node/bin/node' '/opt/100\\%/$HOME/it'\\''s "it"/tscompose' system boot"`,
  )
})
