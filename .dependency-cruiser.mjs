/** Which way imports run (CONTRIBUTING.md); tests/import-direction.test.ts runs these rules. */

const TESTS = '\\.test\\.ts$';
/** Packages; the layer of tracing is one. */
const PACKAGES = '^(node_modules|tracing/layer)/';
/** Parts of packages that have types only. */
const TYPES = '^aws-lambda$';
const EVENTS = '^events/';
const CONTRACT = '^db-proxy-lambda/contract\\.ts$';
/** What a test may import beside its own folder's imports. */
const TEST_ROOMS = '^(tests/support|local|emulators)/';

/** A folder imports itself and `others`; its tests import the test rooms too. */
function room(name, folder, own, others = []) {
  const allowed = [PACKAGES, TYPES, EVENTS, own, ...others];
  const to = { dependencyTypesNot: ['core'] };
  return [
    { name, severity: 'error', from: { path: folder, pathNot: TESTS }, to: { ...to, pathNot: allowed } },
    {
      name: `${name}-tests`,
      severity: 'error',
      from: { path: `${folder}.*${TESTS}` },
      to: { ...to, pathNot: [...allowed, TEST_ROOMS] },
    },
  ];
}

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...room('forms', '^forms/', '^forms/'),
    ...room('proxy', '^db-proxy-lambda/', '^db-proxy-lambda/', ['^forms/']),
    ...room('lambdas', '^collect-lambdas/([^/]+)/', '^collect-lambdas/($1|shared)/', ['^forms/', CONTRACT]),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'types', 'default'],
      exportsFields: ['exports'],
    },
  },
};
