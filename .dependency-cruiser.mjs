/** The allowed directions of imports (CONTRIBUTING.md); tests/import-direction.test.ts checks these rules. */

const TESTS = '\\.test\\.ts$';
/** Packages, and the tracing layer. */
const PACKAGES = '^(node_modules|tracing/layer)/';
/** Packages that contain only types. */
const TYPES = '^aws-lambda$';
const EVENTS = '^events/';
/** The built pages, which PagesFunction embeds. */
const BUILT_PAGES = '^console/dist/';
const CONTRACT = '^db-proxy-lambda/contract\\.ts$';
/** Parses a database's address. The local stack, which checks the address, needs this file too. */
const ADDRESS = '^db-proxy-lambda/database/mysql-url\\.ts$';
/** Folders that tests may import, in addition to what their own folder may import. */
const TEST_FOLDERS = '^(tests/support|local|emulators)/';

/** A folder may import itself and `others`; its tests may also import the test folders. */
function rulesFor(name, folder, own, others = []) {
  const allowed = [PACKAGES, TYPES, EVENTS, own, ...others];
  const to = { dependencyTypesNot: ['core'] };
  return [
    { name, severity: 'error', from: { path: folder, pathNot: TESTS }, to: { ...to, pathNot: allowed } },
    {
      name: `${name}-tests`,
      severity: 'error',
      from: { path: `${folder}.*${TESTS}` },
      to: { ...to, pathNot: [...allowed, TEST_FOLDERS] },
    },
  ];
}

/** The folders of `forms`, the lowest layer first: each may import the folders before it. */
const FORM_LAYERS = ['values', 'language', 'question-types', 'definition', 'compiled', 'xforms'];
const formLayers = FORM_LAYERS.slice(0, -1).map((layer, index) => ({
  name: `forms-${layer}`,
  severity: 'error',
  from: { path: `^forms/${layer}/`, pathNot: TESTS },
  to: { path: `^forms/(${FORM_LAYERS.slice(index + 1).join('|')})/` },
}));

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rulesFor('forms', '^forms/', '^forms/'),
    ...formLayers,
    ...rulesFor('proxy', '^db-proxy-lambda/', '^db-proxy-lambda/', ['^forms/']),
    ...rulesFor('lambdas', '^collect-lambdas/([^/]+)/', '^collect-lambdas/($1|shared)/', [
      '^forms/',
      CONTRACT,
      BUILT_PAGES,
    ]),
    {
      name: 'contract-is-the-door',
      severity: 'error',
      from: { path: '^(local|ops|openapi|demo|emulators)/', pathNot: TESTS },
      to: { path: '^db-proxy-lambda/', pathNot: [CONTRACT, ADDRESS] },
    },
    {
      name: 'emulators',
      severity: 'error',
      from: { path: '^emulators/', pathNot: TESTS },
      to: { path: '^(local|ops|demo|bench|openapi|tests|collect-lambdas|db-proxy-lambda)/' },
    },
    {
      name: 'local',
      severity: 'error',
      from: { path: '^local/', pathNot: TESTS },
      to: { path: '^(ops|demo|bench|openapi|tests)/' },
    },
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
