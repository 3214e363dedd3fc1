import type { Reporter, TestModule } from 'vitest/node';
import { isEntry, NOT_STANDALONE, PROGRAM } from './program.ts';

/** Lists the skipped tests at the end. With CI=true, where every test can run, a skipped test is a failure. */
export default class Skipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap(skippedIn);
    if (names.length === 0) return;
    console.log(`Skipped ${names.length}:\n${names.map((name) => `  ${name}\n`).join('')}`);
    if (process.env.CI !== 'true') return;
    console.log('With CI=true nothing may be skipped: this run has failed.');
    process.exitCode = 1;
  }
}

/** The names of the skipped tests of a file, without those that its program cannot pass. */
function skippedIn({ children, project }: TestModule): string[] {
  const names = [...children.allTests('skipped')].map(({ fullName }) => fullName);
  // The type says that there is always one.
  const env: NodeJS.ProcessEnv | undefined = project.config.env;
  return isEntry(env?.SIPWD_PROGRAM ?? PROGRAM) ? names : names.filter((name) => !name.includes(NOT_STANDALONE));
}
