/** Packages that come as ES modules only; jest loads modules as CommonJS unless Node is started with a flag. */
const esModulesOnly = ['kysely'];

const swc = (syntax) => ['@swc/jest', { jsc: { parser: { syntax }, target: 'es2024' }, module: { type: 'commonjs' } }];

export default {
  testEnvironment: 'node',
  // No test waits for time to pass; a slow machine still starts processes and servers in it.
  testTimeout: 60_000,
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.aws-sam/', '/.local/'],
  modulePathIgnorePatterns: ['<rootDir>/.aws-sam/', '<rootDir>/.local/'],
  // d3 comes as .mjs, which jest never takes for CommonJS, and in a form that any loader takes.
  moduleNameMapper: { '^(d3-[a-z-]+|internmap)$': '<rootDir>/node_modules/$1/dist/$1.js' },
  transform: { '\\.ts$': swc('typescript'), '\\.js$': swc('ecmascript') },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
};
