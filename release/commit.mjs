import { execFileSync } from 'node:child_process';

/** The time of the commit, in seconds: two builds of it contain the same time. */
export function commitTime() {
  return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }));
}
