/**
 * Three projects, by what a suite needs. A run prepares only the projects of the files that it was asked for, so
 * `npm test -- forms` starts no server.
 *
 * - `unit`: this process and SQLite; with TEST_ALL_DATABASES=1 the servers too.
 * - `databases`: MySQL and MariaDB too.
 * - `system`: the bundled functions, started by the local host; other processes; a browser.
 */

/** Packages that are ES modules only; jest loads modules as CommonJS unless Node is started with a flag. */
const esModulesOnly = ['kysely'];

const swc = (syntax) => ['@swc/jest', { jsc: { parser: { syntax }, target: 'es2024' }, module: { type: 'commonjs' } }];

const databases = ['db-proxy-lambda', 'tests/contract', 'tests/chaos', 'tests/security/injection'];
const system = ['local', 'ops', 'tests'];

const project = (name, { roots, ignored = [] }) => ({
  displayName: name,
  roots: roots.map((root) => `<rootDir>/${root}`),
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...ignored.map((root) => `<rootDir>/${root}/`)],
  globalSetup: `<rootDir>/tests/setup/${name}.ts`,
  globalTeardown: '<rootDir>/tests/setup/teardown.ts',
  // d3 is published as .mjs, which jest never treats as CommonJS, and as a script for any loader.
  moduleNameMapper: { '^(d3-[a-z-]+|internmap)$': '<rootDir>/node_modules/$1/dist/$1.js' },
  transform: { '\\.ts$': swc('typescript'), '\\.js$': swc('ecmascript') },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
});

export default {
  // No test waits for time to pass; a busy machine still starts processes and servers within this time.
  testTimeout: 60_000,
  projects: [
    project('unit', { roots: ['collect-lambdas', 'emulators', 'forms', 'openapi', 'tracing'] }),
    project('databases', { roots: databases }),
    project('system', { roots: system, ignored: databases }),
  ],
};
