import { availableParallelism } from 'node:os';

/**
 * Three projects, which differ in the resources that their suites need. A run prepares only the projects of the requested
 * files, so `npm test -- forms` starts no server.
 *
 * - `unit`: this process and SQLite; with TEST_ALL_DATABASES=1 also the servers.
 * - `databases`: also MySQL and MariaDB.
 * - `system`: the bundled functions on the local host, other processes, and a browser.
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
  // Of d3's two builds jest cannot load the .mjs files as CommonJS, so it loads the UMD script.
  moduleNameMapper: { '^(d3-[a-z-]+|internmap)$': '<rootDir>/node_modules/$1/dist/$1.js' },
  transform: { '\\.ts$': swc('typescript'), '\\.js$': swc('ecmascript') },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
});

export default {
  // Tests do not sleep. The limit allows for slow starts of processes and servers on a busy machine.
  testTimeout: 60_000,
  // One more than the cores, because suites wait for servers, processes and timers a third of their time.
  maxWorkers: availableParallelism() + 1,
  projects: [
    project('unit', { roots: ['collect-lambdas', 'emulators', 'forms', 'openapi', 'tracing'] }),
    project('databases', { roots: databases }),
    project('system', { roots: system, ignored: databases }),
  ],
};
