import { execaSync } from 'execa';

/** Builds both programs of this source, which the e2e tests run. */
export default function setup(): void {
  for (const script of ['build', 'build:standalone']) {
    execaSync('npm', ['run', '--silent', script], { stdio: ['ignore', 'inherit', 'inherit'] });
  }
}
