import { defineConfig } from 'vitest/config';

const files = (suffix: string) => [`{apps,packages,tests}/**/*.${suffix}.ts`];
const never = ['**/node_modules/**', '**/dist/**'];

// Set by .ci/run, which counts the results.
const ciReport = process.env['VITEST_JSON_REPORT'];

/** Three kinds of test, told apart by the file's suffix: what it needs to run. */
export default defineConfig({
  test: {
    reporters: ciReport === undefined ? ['default'] : ['default', ['json', { outputFile: ciReport }]],
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: files('test'),
          exclude: [...never, '**/*.redis.test.ts', '**/*.e2e.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'redis',
          include: files('redis.test'),
          exclude: never,
          globalSetup: ['packages/testing/src/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: files('e2e.test'),
          exclude: never,
          globalSetup: ['packages/testing/src/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
