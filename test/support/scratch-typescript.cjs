// Lets plain Node load our TypeScript, for what runs outside Jest's own resolver: global setup and child processes.
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');
const { registerHooks } = require('node:module');
const { join } = require('node:path');

const configFile = join(__dirname, '..', '..', '.swcrc');

registerHooks({
  // Our ./x.js is x.ts.
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (!/^\.{1,2}\/.*\.js$/.test(specifier)) throw error;
      return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
});

require.extensions['.ts'] = (module, path) => {
  const { code } = transformSync(readFileSync(path, 'utf8'), { filename: path, configFile, swcrc: false });
  module._compile(code, path);
};
