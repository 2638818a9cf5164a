import { availableParallelism } from 'node:os';

/**
 * Five projects, which differ in what their suites need. A run prepares only the projects of the requested files, so
 * `npm test -- forms` starts no server.
 *
 * - `unit` needs nothing.
 * - `lambdas` needs SQLite in this process; with TEST_ALL_DATABASES=1 also the database servers.
 * - `databases` needs SQLite, MySQL and MariaDB.
 * - `system` needs the bundled functions on the local host, and other processes.
 * - `long` also needs a browser or a phone's engine, or starts many processes. Without files, `npm test` leaves it out, so
 *   that it takes minutes; `npm run test:long` runs it.
 */

/** Packages that are only ES modules. They are compiled to CommonJS, because jest needs a flag to load ES modules. */
const esModulesOnly = ['client-zip', 'kysely', 'qr'];

const swc = (syntax) => ['@swc/jest', { jsc: { parser: { syntax }, target: 'es2024' }, module: { type: 'commonjs' } }];

const databases = ['db-proxy-lambda', 'tests/contract', 'tests/chaos', 'tests/security/injection'];
const system = ['local', 'ops', 'tests'];
const long = [
  'local/start',
  'ops',
  'tests/acceptance',
  'tests/console',
  'tests/docs',
  'tests/events',
  'tests/exports',
  'tests/log-lines',
  'tests/metrics',
  'tests/odk',
  'tests/properties',
  'tests/security/logs',
  'tests/traces',
];

const areFilesNamed = process.argv.slice(2).some((argument) => !argument.startsWith('-'));

const project = (name, { roots, files = '**/*', ignored = [] }) => ({
  displayName: name,
  roots: roots.map((root) => `<rootDir>/${root}`),
  testEnvironment: 'node',
  testMatch: [`${files}.test.ts`],
  testPathIgnorePatterns: ['/node_modules/', ...ignored.map((start) => `<rootDir>/${start}[/.]`)],
  globalSetup: `<rootDir>/tests/setup/${name}.ts`,
  globalTeardown: '<rootDir>/tests/setup/teardown.ts',
  // Jest cannot load d3's ES modules as CommonJS, so it loads d3's UMD build.
  moduleNameMapper: { '^(d3-[a-z-]+|internmap)$': '<rootDir>/node_modules/$1/dist/$1.js' },
  transform: { '\\.ts$': swc('typescript'), '\\.js$': swc('ecmascript') },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
});

export default {
  // Tests do not sleep. The limit allows for slow starts of processes and servers on a busy machine.
  testTimeout: 180_000,
  // One worker more than there are cores: suites spend a third of their time waiting for servers, processes and timers.
  maxWorkers: availableParallelism() + 1,
  projects: [
    project('unit', { roots: ['collect-lambdas/shared', 'console', 'emulators', 'forms', 'openapi', 'tracing'] }),
    project('lambdas', { roots: ['collect-lambdas'], ignored: ['collect-lambdas/shared'] }),
    project('databases', { roots: databases }),
    project('system', { roots: system, ignored: [...databases, ...long] }),
    ...(areFilesNamed ? [project('long', { roots: system, files: `<rootDir>/{${long.join()}}{,/**/*}` })] : []),
  ],
};
