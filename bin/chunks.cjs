// Loads the files of dist/ with the code that V8 compiled for them at build time. Code of another V8 is refused by V8, and the file is compiled anew.
'use strict'

const { readFileSync } = require('node:fs')
const { wrap } = require('node:module')
const { join } = require('node:path')
const { Script } = require('node:vm')

/** Node loads what these are made of when somebody asks for them. */
const MADE_LATE = [
  [process, 'stdin'],
  [process, 'stdout'],
  [process, 'stderr'],
  [globalThis, 'AbortController'],
]

/** Returns `load(name)`. `onScript` sees each script: the build takes the compiled code from there. */
exports.openChunks = function openChunks(dist, onScript) {
  const loaded = new Map()
  const unspoiled = sparingTheOptimiser()
  for (const [owner, name] of MADE_LATE) {
    const late = Object.getOwnPropertyDescriptor(owner, name)
    // What was loaded before us may have asked already.
    if (late?.get) Object.defineProperty(owner, name, { ...late, get: () => unspoiled(late.get) })
  }

  function load(name) {
    if (!loaded.has(name)) start(name, { exports: {} })
    return loaded.get(name).exports
  }

  function start(name, module) {
    const filename = join(dist, name)
    const script = unspoiled(() => compile(filename))
    onScript?.(filename, script)
    loaded.set(name, module)
    script.runInThisContext()(module.exports, requireFrom, module, filename, dist)
  }

  function requireFrom(id) {
    if (id.startsWith('./')) return load(id.slice(2))
    if (!loaded.has(id)) loaded.set(id, { exports: unspoiled(() => require(id)) })
    return loaded.get(id).exports
  }

  return load
}

function compile(filename) {
  return new Script(wrap(readFileSync(filename, 'latin1')), { filename, cachedData: compiledCode(filename) })
}

function compiledCode(filename) {
  try {
    return readFileSync(`${filename}.v8`)
  } catch {
    return undefined
  }
}

/** How much of a function runs before V8 thinks of optimising it, in bytes of its bytecode: of Node 20's V8 by itself, and as we have it. */
exports.BUDGET = '--interrupt-budget=67584'
const OUR_BUDGET = '--interrupt-budget=1000000'

/**
 * The V8 of Node 20 optimises what a command of a quarter of a second never gets to use: that took half of its processor time. But it
 * refuses code that was compiled under other flags, Node's own modules too. So the flag is away while something is loaded: by what is returned here.
 */
function sparingTheOptimiser() {
  const v8 = flagsOfV8()
  if (v8 === undefined) return (loading) => loading()
  return (loading) => {
    v8.setFlagsFromString(exports.BUDGET)
    try {
      return loading()
    } finally {
      v8.setFlagsFromString(OUR_BUDGET)
    }
  }
}

/** The module `node:v8` would load Node's streams first, for two milliseconds. Only Node 20 comes here, where this is there and warns. */
function flagsOfV8() {
  const { noDeprecation } = process
  try {
    process.noDeprecation = true
    return process.binding('v8')
  } catch {
    return undefined
  } finally {
    process.noDeprecation = noDeprecation
  }
}
