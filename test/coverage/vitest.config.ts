import { defineConfig, mergeConfig } from 'vitest/config';
import tests from '../../vitest.config.ts';

/** All tests, with a program that writes down what runs of it: `npm run coverage`. */
export default mergeConfig(
  tests,
  defineConfig({
    test: {
      globalSetup: ['test/coverage/program.ts'],
      setupFiles: ['test/coverage/children.ts'],
      coverage: {
        enabled: true,
        provider: 'custom',
        customProviderModule: 'test/coverage/provider.ts',
        include: ['src/**/*.ts'],
        // The entry of the standalone program, which Bun compiles: V8 never runs it.
        exclude: ['src/standalone.ts'],
        reportsDirectory: 'coverage/report',
        reporter: [['text', { skipFull: true }], 'html'],
        reportOnFailure: true,
        thresholds: { lines: 97, branches: 95 },
      },
    },
  }),
);
