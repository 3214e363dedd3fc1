import { execaSync } from 'execa';

/** Builds the program of this source, which the e2e tests run. */
export default function setup(): void {
  execaSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] });
}
