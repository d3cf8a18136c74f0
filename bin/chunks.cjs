// Loads the files of dist/ with the code that V8 compiled for them at build time. Code of another V8 is refused by V8, and the file is compiled anew.
'use strict'

const { readFileSync } = require('node:fs')
const { wrap } = require('node:module')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

// The V8 of Node 20 optimises what a command of a quarter of a second never gets to use: that took half of its processor time. Compiled
// code is kept together with V8's flags, so this must come first.
setFlagsFromString('--interrupt-budget=1000000')

/** Returns `load(name)`. `onScript` sees each script: the build takes the compiled code from there. */
exports.openChunks = function openChunks(dist, onScript) {
  const loaded = new Map()
  return function load(name) {
    const known = loaded.get(name)
    if (known) return known.exports
    const filename = join(dist, name)
    const script = new Script(wrap(readFileSync(filename, 'latin1')), { filename, cachedData: compiledCode(filename) })
    onScript?.(filename, script)
    const module = { exports: {} }
    loaded.set(name, module)
    const requireFrom = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id))
    script.runInThisContext()(module.exports, requireFrom, module, filename, dist)
    return module.exports
  }
}

function compiledCode(filename) {
  try {
    return readFileSync(`${filename}.v8`)
  } catch {
    return undefined
  }
}
