// Loaded before a program by `node --require`: when it ends, leaves the kilobytes it had at its largest in the file PEAK_FILE.
const { writeFileSync } = require('node:fs')

process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)))
