import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isInstalled, quoted } from '../../support/caller.ts';
import { inPart } from '../../support/dry-run.ts';
import { pageOf, tableIn } from '../../support/page.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';

describe.skipIf(!isInstalled('script'))('colour (needs script, of bsdutils)', () => {
  /** A dry run on a terminal of its own. */
  async function onTerminal(service: TestService, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const call = [PROGRAM, '-n', ...service.args].map(quoted).join(' ');
    const run = await sipwd(['-qec', call, '/dev/null'], { env }, 'script');
    expect(run.status).toBe(1);
    return run.stdout.replaceAll('\r', '');
  }

  test('when stdout is a terminal, the states and the plan are coloured, and the columns keep their places', async () => {
    const service = testService();
    await inPart(service);
    const page = await onTerminal(service, { NO_COLOR: '' });
    expect(page).toContain('\x1b[32mrunning\x1b[39m');
    expect(page).toContain('\x1b[31mgone   \x1b[39m');
    expect(page).toContain('\x1b[1mplan: clean up and start\x1b[22m');
    const plain = stripVTControlCharacters(page).split('\n');
    expect(tableIn(plain).map(({ STATE }) => STATE)).toEqual(['running', 'gone']);
  });

  test('when NO_COLOR is set, there is none', async () => {
    const service = testService();
    await inPart(service);
    expect(await onTerminal(service, { NO_COLOR: '1' })).not.toContain('\x1b');
  });

  test('when stdout is not a terminal, there is none', async () => {
    const service = testService();
    await inPart(service);
    expect((await pageOf(service.args, { NO_COLOR: '' })).join('')).not.toContain('\x1b');
  });
});
