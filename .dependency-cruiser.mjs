/** The layers of packages/core, topmost first: each may import from those before it and from itself. */
const layers = ['domain', 'contracts', 'runtime', 'redis', 'store', 'queue', 'relay'];

const coreRules = layers.slice(0, -1).map((layer, index) => ({
  name: `core-${layer}-imports-only-from-above`,
  comment: `packages/core/src/${layer} may not import from ${layers.slice(index + 1).join(', ')}.`,
  severity: 'error',
  from: { path: `^packages/core/src/${layer}/` },
  to: { path: `^packages/core/src/(${layers.slice(index + 1).join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      comment: 'Every import must resolve, or the rules below see nothing.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...coreRules,
    {
      name: 'domain-is-pure',
      comment: 'No I/O in the domain. randomInt for ids is the one exception.',
      severity: 'error',
      from: { path: '^packages/core/src/domain/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core', 'npm'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'apps-do-not-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'api-rooms-do-not-import-what-starts-them',
      comment: 'Files at the top of apps/api/src put the rooms together; none of the rooms knows them.',
      severity: 'error',
      from: { path: '^apps/api/src/[^/]+/' },
      to: { path: '^apps/api/src/[^/]+\\.ts$' },
    },
    {
      name: 'packages-do-not-import-apps',
      comment: 'claude-flow/headless, and the command that starts it, are the whole product in one process.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/claude-flow/(src/(headless|command)|scripts|test)/' },
      to: { path: '^apps/' },
    },
    {
      name: 'core-imports-no-other-package',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/(?!core/)' },
    },
    {
      name: 'client-has-no-dependency',
      comment: 'claude-flow/client runs in browsers as it is.',
      severity: 'error',
      from: { path: '^packages/claude-flow/src/client/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^packages/claude-flow/src/client/' },
    },
    {
      name: 'test-helpers-stay-in-tests',
      severity: 'error',
      from: {
        path: '^(apps|packages)/',
        pathNot: ['\\.test\\.ts$', '/test/', '^packages/(testing|mock-anthropic)/'],
      },
      to: { path: '^packages/(testing|mock-anthropic)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
      extensions: ['.ts', '.js', '.mjs'],
    },
  },
};
