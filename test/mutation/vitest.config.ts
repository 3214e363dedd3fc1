import { defineConfig } from 'vitest/config';

/** The tests that run for each mutant: quick ones of the modules in stryker.config.mjs, without a run of sipwd. */
export default defineConfig({
  test: {
    include: [
      // Not test/decide-every.test.ts: every observation, for each mutant, would take an hour.
      'test/decide{,-actions,-obstacles,-stale}.test.ts',
      'test/args/{table,words}.test.ts',
      'test/files/{pidfile,trust}.test.ts',
      'test/log/{messages,reasons}.test.ts',
      'test/process/{match,match-rules,stat,verdict}.test.ts',
      'test/service/{backoff,evidence,health}.test.ts',
    ],
    setupFiles: ['test/support/each-file.ts'],
    // A process of its own for each file takes longer than its tests.
    isolate: false,
    testTimeout: 60_000,
  },
});
