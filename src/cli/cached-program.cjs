// Loads a CommonJS file together with the code that V8 made of it in an earlier life (`FILE.cache`, written by bundle.mjs). V8 itself
// turns such code down when it comes from another version of V8 or other flags; then the file is compiled as any other.
const { readFileSync } = require('node:fs');
const { Module } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/** What the file exports, and its script. */
function load(file) {
  const script = new Script(Module.wrap(readFileSync(file, 'latin1')), { filename: file, cachedData: codeOf(file) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, Module.createRequire(file), module, file, dirname(file));
  return { program: module.exports, script };
}

function codeOf(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

module.exports = { load };
