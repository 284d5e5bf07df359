// A search of guided.spec.ts in a process of its own, in which little else was loaded: counting is slow otherwise.
//   node search-guided.cjs TARGET SEED MILLISECONDS
// Prints what was reached as JSON, and ends with 1 and the input when it found something.
require('../support/scratch-typescript.cjs');
const { CodeCoverage } = require('./code-coverage.ts');
const { fuzzGuided } = require('./coverage-guided.ts');
const { TARGETS } = require('./guided-targets.ts');

const WATCHED = /\/(?:libs\/|test\/fuzz\/planted-bug)/;
const [name, seed, milliseconds] = process.argv.slice(2);
const coverage = new CodeCoverage((path) => WATCHED.test(path));
coverage.start();
TARGETS[name]()
  .then((target) => {
    const run = fuzzGuided(target, coverage, { seed: Number(seed), milliseconds: Number(milliseconds) });
    const { inputs, corpus } = run;
    const { covered } = coverage;
    console.log(JSON.stringify({ inputs, covered, kept: corpus.length }));
  })
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
