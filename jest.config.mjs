import { availableParallelism } from 'node:os';

/**
 * Three projects, which differ in the resources that their suites need. A run prepares only the projects of the
 * requested files, so `npm test -- forms` starts no server.
 *
 * - `unit` needs only SQLite in this process; with TEST_ALL_DATABASES=1 also the database servers.
 * - `databases` needs SQLite, MySQL and MariaDB.
 * - `system` needs the bundled functions on the local host, other processes, and a browser.
 */

/** Packages that are only ES modules. They are compiled to CommonJS, because jest needs a flag to load ES modules. */
const esModulesOnly = ['client-zip', 'kysely', 'qr'];

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
  // Jest cannot load d3's ES modules as CommonJS, so it loads d3's UMD build.
  moduleNameMapper: { '^(d3-[a-z-]+|internmap)$': '<rootDir>/node_modules/$1/dist/$1.js' },
  transform: { '\\.ts$': swc('typescript'), '\\.js$': swc('ecmascript') },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
});

export default {
  // Tests do not sleep. The limit allows for slow starts of processes and servers on a busy machine.
  testTimeout: 60_000,
  // One worker more than there are cores: suites spend a third of their time waiting for servers, processes and timers.
  maxWorkers: availableParallelism() + 1,
  projects: [
    project('unit', { roots: ['collect-lambdas', 'console', 'emulators', 'forms', 'openapi', 'tracing'] }),
    project('databases', { roots: databases }),
    project('system', { roots: system, ignored: databases }),
  ],
};
