import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/skipped.ts'],
    globalSetup: ['test/support/surroundings.ts', 'test/support/build.ts'],
    // Most of a test's time is a wait for real processes: two files for each of two cores keep both busy.
    maxWorkers: 4,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
