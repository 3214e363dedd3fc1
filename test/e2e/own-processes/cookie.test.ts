import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

const CALLER = {
  env: { PATH: process.env.PATH, HOME: '/', EMPTY: '', TWO_LINES: 'one\ntwo' },
  extendEnv: false,
} as const;

/** Writes its environment down, in a form that line feeds do not change. */
const written = (file: string) => `env -0 | tr '\\n\\0' ' \\n' | sort >${file}`;

/** The environment that the start command gets. */
async function environmentOf(service: TestService, ...options: readonly string[]): Promise<string[]> {
  const file = service.path('environment');
  const args = service.args.with(3, `${written(file)}; ${service.uncountedCommand}`);
  expect(await sipwd([...options, ...args], CALLER)).toMatchObject({ status: 0 });
  return linesOf(file);
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split('\n');
}

/** The environment that the same command gets from /bin/sh. */
function environmentFromShell(service: TestService): string[] {
  const file = service.path('expected');
  execaSync('/bin/sh', ['-c', written(file)], { ...CALLER, stdin: 'ignore' });
  return linesOf(file);
}

const isCookie = (line: string) => /^SIPWD_COOKIE=/.test(line);

test('when sipwd starts a service, the command gets a cookie of 32 hexadecimal digits, another one each time, and no other variable; with --no-memory, none', async () => {
  const cookies = new Set<string>();
  for (const service of [testService(), testService()]) {
    const environment = await environmentOf(service);
    const found = environment.filter(isCookie);
    expect(found).toEqual([expect.stringMatching(/^SIPWD_COOKIE=[0-9a-f]{32}$/)]);
    expect(environment.filter((line) => !isCookie(line))).toEqual(environmentFromShell(service));
    for (const cookie of found) cookies.add(cookie);
  }
  expect(cookies.size).toBe(2);

  const service = testService();
  expect(await environmentOf(service, '--no-memory')).toEqual(environmentFromShell(service));
});
