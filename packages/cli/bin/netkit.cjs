#!/usr/bin/env node
const { readFileSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

// The built command, with the code that V8 made of it when it was built: that saves compiling a quarter of a megabyte at each
// start. Of another Node it is refused and does no harm.
const file = join(__dirname, '..', 'dist', 'netkit.cjs')
const cache = `${file}.cache`

/** @returns {string} */
function source() {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    process.stderr.write('netkit is not built: run npm run build\n')
    process.exit(255)
  }
}

/** @returns {Buffer | undefined} */
function cached() {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}

const text = source().replace(/^#!/, '//')
const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`
const script = new Script(wrapped, { filename: file, cachedData: cached() })
if (process.env.NETKIT_WRITE_CACHE === '1') process.on('exit', () => writeFileSync(cache, script.createCachedData()))
script.runInThisContext().call(exports, exports, createRequire(file), module, file, dirname(file))
