// Loaded before a program by `node --require`: when it ends, writes to descriptor 3 how many kilobytes of memory it had at its largest.
// Not `process.resourceUsage()`, which counts the process that started it as well, up to the start of the program.
const { readFileSync, writeSync } = require('node:fs')

process.on('exit', () => writeSync(3, /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]))
