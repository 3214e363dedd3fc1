import type { Reporter, TestModule } from 'vitest/node';
import { isStandalone, NOT_STANDALONE } from './program.ts';

/** Lists the skipped tests at the end. With CI=true, where every test can run, a skipped test is a failure. */
export default class Skipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = modules.flatMap((module) => [...module.children.allTests('skipped')].map((test) => test.fullName));
    const names = isStandalone ? all.filter((name) => !name.includes(NOT_STANDALONE)) : all;
    if (names.length === 0) return;
    console.log(`Skipped ${names.length}:\n${names.map((name) => `  ${name}\n`).join('')}`);
    if (process.env.CI !== 'true') return;
    console.log('With CI=true nothing may be skipped: this run has failed.');
    process.exitCode = 1;
  }
}
