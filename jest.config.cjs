// Kinds of tests, told apart by place (see ARCHITECTURE.md, "Tests").
const { readFileSync } = require('node:fs');
const swc = JSON.parse(readFileSync(`${__dirname}/.swcrc`, 'utf8'));
delete swc.$schema;
delete swc.exclude;
swc.sourceMaps = 'inline';

const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};

module.exports = {
  // Machines that have much else to do are slow, not wrong.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts', '<rootDir>/test/source/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/scratch-postgres.ts',
      globalTeardown: '<rootDir>/test/support/scratch-postgres-stop.ts',
    },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.e2e-spec.ts'] },
    // npm run test:abuse: attacks on a server of the built code; they measure, so they run one after the other.
    { ...shared, displayName: 'abuse', testMatch: ['<rootDir>/test/abuse/*.spec.ts'] },
    { ...shared, displayName: 'faults', testMatch: ['<rootDir>/test/faults/**/*.spec.ts'] },
    // npm run test:fuzz; npm test runs its short form.
    { ...shared, displayName: 'fuzz', testMatch: ['<rootDir>/test/fuzz/*.spec.ts'] },
    // npm run test:deploy adds the end-to-end tests that concern it.
    {
      ...shared,
      displayName: 'deploy',
      testMatch: ['<rootDir>/test/deploy/**/*.spec.ts'],
      // The descriptions of Kubernetes' types are ES modules only.
      testEnvironmentOptions: { customExportConditions: ['node', 'require', 'import', 'default'] },
    },
  ],
};
