// Plays test/scenarios with another subject: `npm run scenarios -- docker-compose [-t NAME]`. What follows the subject is vitest's.
import { spawnSync } from 'node:child_process'

const [subject = 'tscompose', ...rest] = process.argv.slice(2)
const env = { ...process.env, SUBJECT: subject }
const words = ['--no', 'vitest', 'run', '--project', 'privileged', 'test/scenarios', ...rest]
process.exitCode = spawnSync('npx', words, { stdio: 'inherit', env }).status ?? 1
