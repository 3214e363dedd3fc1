import { defineConfig } from 'vitest/config';
import Order from './test/support/order.ts';

const ALL = ['test/**/*.test.ts'];

/** What Node and Bun do differently: processes without /proc, arguments, streams, what a command inherits. */
const RUNTIME = [
  'test/e2e/attacks/chroot.test.ts',
  'test/e2e/check/{gone,hidepid,match,steps,unknown}.test.ts',
  'test/e2e/command-line/{exit-status,launcher,terminal}.test.ts',
  'test/e2e/log/{failure,syslog}.test.ts',
  'test/e2e/start/{command,inheritance,working-directory}.test.ts',
];

const each = {
  setupFiles: ['test/support/each-file.ts'],
  // To load the tools anew for each file takes a quarter of the time. Files share modules, not what these hold: see
  // test/support/ends.ts.
  isolate: false,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

const project = (name: string, program: string, include: readonly string[]) => ({
  test: { ...each, name, include: [...include], env: { SIPWD_PROGRAM: program } },
});

export default defineConfig({
  test: {
    include: ALL,
    ...each,
    // The standalone program starts six times faster than Node, so it runs in most tests.
    ...(process.env.SIPWD_PROGRAM === undefined && {
      projects: [project('standalone', 'dist/sipwd', ALL), project('node', 'bin/sipwd', RUNTIME)],
    }),
    globalSetup: ['test/support/surroundings.ts', 'test/support/build.ts'],
    reporters: ['default', './test/support/skipped.ts'],
    // Most of a test's time is a wait for real processes: four files for each of two cores keep both busy.
    maxWorkers: 8,
    sequence: { sequencer: Order },
  },
});
