import { defineConfig } from 'vitest/config';

/** The tests of a release: they need what .ci/run installs for them, and download packages. */
export default defineConfig({
  test: {
    include: ['release/test/**/*.test.ts'],
    globalSetup: ['test/support/surroundings.ts'],
    setupFiles: ['test/support/each-file.ts'],
    reporters: ['default', './test/support/skipped.ts'],
    maxWorkers: 2,
    // A program for arm64 runs some fifty times slower in the emulator.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
