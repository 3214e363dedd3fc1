import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/skipped.ts'],
    globalSetup: ['test/support/build.ts'],
    // Real processes, signals and waits: two files at once are what two cores carry without distorting them.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
