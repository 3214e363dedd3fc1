import { defineConfig } from 'vitest/config';
import Order from './test/support/order.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/skipped.ts'],
    globalSetup: ['test/support/surroundings.ts', 'test/support/build.ts'],
    setupFiles: ['test/support/each-file.ts'],
    // To load the tools anew for each file takes a quarter of the time. Files share modules, not what these hold: see
    // test/support/ends.ts.
    isolate: false,
    // Most of a test's time is a wait for real processes: three files for each of two cores keep both busy.
    maxWorkers: 6,
    sequence: { sequencer: Order },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
