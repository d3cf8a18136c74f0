// A list of many images beside bare Node.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, timeOf } from './interleaved.mjs'

const COUNT = 200

/** Each has a configuration of its own; they share their layer. */
export async function reportImages({ cli, scratch, runs }) {
  const cwd = join(scratch, 'many-images')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'file'), 'one for all')
  execFileSync('tar', ['-cf', 'layer.tar', 'file'], { cwd })
  const state = { TSCOMPOSE_DATA_DIR: join(cwd, 'data') }
  for (let at = 0; at < COUNT; at++)
    timeOf([cli, 'image', 'import', '-c', `LABEL at=${at}`, 'layer.tar', `image-${at}`], cwd, state)
  const bare = { name: 'node -e 0', command: [process.execPath, '-e', '0'], cwd }
  const list = { name: 'tscompose image ls', measure: () => timeOf([cli, 'image', 'ls'], cwd, state) }
  await report(`image ls of ${COUNT} images`, [bare, list], { base: bare.name, runs })
}
