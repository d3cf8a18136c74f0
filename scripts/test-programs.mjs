// Copies the test programs that cargo has built, as it tells them on stdin (--message-format=json), to a folder, by their names.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [folder] = process.argv.slice(2)
for await (const line of createInterface({ input: process.stdin })) {
  const { profile, executable, target } = JSON.parse(line)
  if (profile?.test && executable) copyFileSync(executable, join(folder, target.name))
}
