#!/usr/bin/env -S node --
// Node's half of the launcher (native/launcher is the other): hands over to the built CLI, with the code that V8 compiled for it at build time. It parses
// nothing. One file, as Node takes half a millisecond to find another.
'use strict'

const { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, writeSync } = require('node:fs')
const { enableCompileCache } = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

const root = dirname(__dirname)
const dist = join(root, 'dist')

function run() {
  if (!existsSync(join(dist, 'main.cjs'))) {
    writeSync(2, "error: tscompose is not built\n  hint: run 'npm run build' in the checkout\n")
    process.exit(1)
  }
  // From Node 22 on, Node keeps compiled code itself; before, the build leaves it beside each file.
  enableCompileCache?.()
  const load = enableCompileCache ? (name) => require(join(dist, name)) : openChunks()
  // Everything has been written by then. Node would take its heap apart before it goes.
  load('main.cjs')
    .main(process.argv.slice(2), root)
    .then(() => process.exit())
}

/** Node loads what these are made of when somebody asks for them. */
const MADE_LATE = [
  [process, 'stdin'],
  [process, 'stdout'],
  [process, 'stderr'],
  [globalThis, 'AbortController'],
]

/**
 * Returns `load(name)` for the files of dist/. Compiled code of another V8 is refused by V8, and the file is compiled anew. `onScript` sees each
 * script: the build takes the compiled code from there.
 */
function openChunks(onScript) {
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
  return new Script(sourceOf(filename), { filename, cachedData: compiledCode(filename) })
}

/** The file as Node wraps it, put together before it is a string: V8 would keep one with and one without. */
function sourceOf(filename) {
  const file = openSync(filename)
  const { size } = fstatSync(file)
  const bytes = Buffer.allocUnsafeSlow(BEFORE.length + size + AFTER.length)
  bytes.latin1Write(BEFORE)
  readSync(file, bytes, BEFORE.length, size, 0)
  bytes.latin1Write(AFTER, BEFORE.length + size)
  closeSync(file)
  return bytes.latin1Slice()
}

const BEFORE = '(function (exports, require, module, __filename, __dirname) { '
const AFTER = '\n});'

function compiledCode(filename) {
  try {
    return readFileSync(`${filename}.v8`)
  } catch {
    return undefined
  }
}

/** How much of a function runs before V8 thinks of optimising it, in bytes of its bytecode: of Node 20's V8 by itself, and as we have it. */
const BUDGET = '--interrupt-budget=67584'
const OUR_BUDGET = '--interrupt-budget=1000000'

/**
 * The V8 of Node 20 optimises what a command of a quarter of a second never gets to use: that took half of its processor time. But it
 * refuses code that was compiled under other flags, Node's own modules too. So the flag is away while something is loaded: by what is returned here.
 */
function sparingTheOptimiser() {
  const v8 = flagsOfV8()
  if (v8 === undefined) return (loading) => loading()
  return (loading) => {
    v8.setFlagsFromString(BUDGET)
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

if (require.main === module) run()
else module.exports = { BUDGET, openChunks }
