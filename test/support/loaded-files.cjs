// Preloaded into the CLI under test: says at the end, on descriptor 3, which files and which of Node's own modules it loaded, and which files
// V8 compiled anew though there was compiled code.
'use strict'

const fs = require('node:fs')
const { _cache: cache } = require('node:module')
const vm = require('node:vm')

const read = new Set()
const { writeSync } = fs
for (const name of ['openSync', 'readFileSync']) {
  const original = fs[name]
  fs[name] = (path, ...rest) => {
    read.add(String(path))
    return original(path, ...rest)
  }
}
const refused = []
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options)
    if (this.cachedDataRejected) refused.push(options.filename)
  }
}
process.on('exit', () => {
  const builtins = process.moduleLoadList
    .filter((name) => name.startsWith('NativeModule '))
    .map((name) => name.slice('NativeModule '.length))
  writeSync(3, JSON.stringify({ files: [...read, ...Object.keys(cache)], builtins, refused }))
})
