import { execaSync } from 'execa';

/** The e2e tests run the built program, and so it has to be the one of this source. */
export default function setup(): void {
  execaSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] });
}
