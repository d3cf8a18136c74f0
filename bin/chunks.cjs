// Loads the files of dist/ with the code that V8 compiled for them at build time. Code of another V8 is refused by V8, and the file is compiled anew.
'use strict'

const { readFileSync } = require('node:fs')
const { wrap } = require('node:module')
const { join } = require('node:path')
const { Script } = require('node:vm')

/** What decides whether a command has to be loaded at all. */
exports.EARLY = ['main.cjs', 'cli-settled-repeat.cjs']

/** Returns `load(name)`. `onScript` sees each script: the build takes the compiled code from there. */
exports.openChunks = function openChunks(dist, onScript) {
  const loaded = new Map()
  let isEarly = true
  return function load(name) {
    const known = loaded.get(name)
    if (known) return known.exports
    if (isEarly && !exports.EARLY.includes(name)) {
      isEarly = false
      spareOptimiser()
    }
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

/**
 * The V8 of Node 20 optimises what a command of a quarter of a second never gets to use: that took half of its processor time. V8 keeps
 * compiled code together with its flags, so what is loaded before is compiled without this one. The module alone takes more than a millisecond.
 */
function spareOptimiser() {
  require('node:v8').setFlagsFromString('--interrupt-budget=1000000')
}

function compiledCode(filename) {
  try {
    return readFileSync(`${filename}.v8`)
  } catch {
    return undefined
  }
}
