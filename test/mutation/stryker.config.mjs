// `npm run mutate`: changes the source in one place after the other, and runs the unit tests of that place. A mutant that
// survives is a rule without a test.

/**
 * Parsers, decisions and wording: what depends on nothing but arguments, a file or a /proc that a test writes.
 *
 * Not here is what acts on processes, locks or descriptors, or waits for them (src/steps, the rest of src/process,
 * src/files and src/service, the entries): the tests of that run sipwd, or start processes, and take minutes for each
 * mutant. The one that is nearly pure, src/service/members.ts, scans the real /proc, at half a second a test.
 */
export const PURE = [
  'src/decide.ts',
  'src/args/table.ts',
  'src/args/words.ts',
  'src/files/pidfile.ts',
  'src/files/trust.ts',
  'src/log/messages.ts',
  'src/log/reasons.ts',
  'src/process/match.ts',
  'src/process/program.ts',
  'src/process/stat.ts',
  'src/process/verdict.ts',
  'src/service/backoff.ts',
  'src/service/evidence.ts',
  'src/service/health.ts',
];

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: PURE,
  testRunner: 'vitest',
  // Which test covers what is known: to look for related files as well, for each mutant, takes longer than the tests.
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  ignorePatterns: ['/bench', '/coverage', '/demo', '/dist', '/docs', '/examples', '/man', '/release', '/reports'],
  // Stryker would rewrite tsconfig.json with a function that TypeScript 7 does not have. It has no path that leaves the project.
  tsconfigFile: 'none',
  tempDirName: 'reports/mutation/tmp',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
