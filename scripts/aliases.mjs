// What stands in the place of packages when the command line is bundled.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What dockerode requires and we never reach: builds with sessions, and ssh in JavaScript. */
const LEFT_OUT = ['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2']

export const ALIASES = {
  '@oclif/core': join(root, 'src/cli/slim-oclif.ts'),
  ...Object.fromEntries(LEFT_OUT.map((name) => [name, join(root, 'scripts/no-module.cjs')])),
}
