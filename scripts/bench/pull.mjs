// A pull into an empty store, and one that finds nothing new, beside `docker pull` of the same image.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { report, timeOf } from './interleaved.mjs'

/** `image` is one at a registry that both can reach, such as one on this machine; `peakMegabytes` measures a command. */
export async function reportPull({ cli, docker, image, scratch, runs, peakMegabytes }) {
  if (!image) return console.log('\npull is measured with --image REGISTRY/NAME:TAG')
  const cwd = scratch
  const hasDocker = spawnSync(docker, ['info'], { stdio: 'ignore' }).status === 0
  const ours = { name: 'tscompose image pull', command: [cli, 'image', 'pull', '-q', image], cwd }
  const theirs = { name: 'docker pull', command: [docker, 'pull', '-q', image], cwd }
  // A store of its own for each: ext4 is slow for minutes where thousands of files were just deleted.
  let count = 0
  const intoNew = () => timeOf(ours.command, cwd, { TSCOMPOSE_DATA_DIR: join(scratch, `store-${count++}`) })
  const empty = { name: ours.name, measure: intoNew }
  const emptied = { ...theirs, before: ['sh', '-c', '"$0" rmi -f "$1" >/dev/null 2>&1 || true', docker, image] }
  const base = hasDocker ? theirs.name : ours.name
  await report(`pull of ${image} into an empty store`, hasDocker ? [empty, emptied] : [empty], { base, runs })
  console.log(`  ${'at its largest'.padEnd(34)} ${peakMegabytes(ours).toFixed(0).padStart(8)} MB`)
  await report('the same again, nothing new', hasDocker ? [ours, theirs] : [ours], { base, runs })
}
