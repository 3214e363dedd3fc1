import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import getPort from 'get-port';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { hookOf, runHook } from '../../support/example-hook.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

const SILENT = { status: 0, said: '' };
const PATH = '/hooks/secret';

/** A web server that gives these answers, the last one again and again, and the file with its address. */
async function webServer(...answers: readonly number[]) {
  const received: { readonly request: string; readonly type: string | undefined; readonly body: string }[] = [];
  const receive = async ({ method, url, headers }: IncomingMessage, body: string) => {
    received.push({ request: `${method} ${url}`, type: headers['content-type'], body });
    return answers[received.length - 1] ?? answers.at(-1) ?? 500;
  };
  const server = createServer(async (request, response) => {
    response.writeHead(await receive(request, await text(request))).end('ok');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { received, file: configFor(port) };
}

function configFor(port: number): string {
  return `${temporaryFolder({ conf: `url = "http://127.0.0.1:${port}${PATH}"\n` })}/conf`;
}

describe.skipIf(!isInstalled('curl'))('the webhook (needs curl)', () => {
  test('when an event is sent, the server receives it as JSON', async () => {
    const { received, file } = await webServer(200);
    expect(await runHook('sipwd-webhook', [file], { SIPWD_CORE: '/var/crash/core.kamailio.4711' })).toEqual(SILENT);
    expect(received).toMatchObject([{ request: `POST ${PATH}`, type: 'application/json' }]);
    const message = 'forced restart: requested by /run/kamailio.force';
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      text: `kamailio on ${hostname()}: restarted (${message})`,
      event: 'restarted',
      status: 0,
      host: hostname(),
      name: 'kamailio',
      binfile: '/usr/sbin/kamailio',
      pidfile: '/run/kamailio/kamailio.pid',
      message,
      core: '/var/crash/core.kamailio.4711',
    });
  });

  test('when sipwd has started a service, the server receives that', async () => {
    const { received, file } = await webServer(200);
    const service = testService();
    const run = await sipwd(['--on-event', `${hookOf('sipwd-webhook')} ${file}`, ...service.args]);
    expect(run).toMatchObject({ status: 0, events: ['down', 'starting', 'started'] });
    expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { event: 'started', status: 0, name: service.name, pidfile: service.pidfile, core: '' },
    ]);
  });

  test('when values contain quotes, backslashes and control characters, the JSON is valid', async () => {
    const { received, file } = await webServer(200);
    const odd = {
      SIPWD_NAME: 'a "b" \\n é',
      SIPWD_PIDFILE: '/run/a\tb\nc\x7f\x01.pid',
      SIPWD_MESSAGE: '$(id) `id` %s',
    };
    expect(await runHook('sipwd-webhook', [file], odd)).toEqual(SILENT);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      name: 'a "b" \\n é',
      pidfile: '/run/a?b?c??.pid',
      message: '$(id) `id` %s',
      core: '',
    });
  });

  test('when the server is overloaded at first, the event is sent again', async () => {
    const { received, file } = await webServer(503, 200);
    expect(await runHook('sipwd-webhook', [file])).toMatchObject({ status: 0 });
    expect(received).toHaveLength(2);
    expect(received[0]).toEqual(received[1]);
  });

  test('when the server refuses the event or does not run, the hook fails and says why', async () => {
    const { received, file } = await webServer(404);
    expect(await runHook('sipwd-webhook', [file])).toEqual({ status: 22, said: expect.stringContaining('404') });
    expect(received).toHaveLength(1);
    expect(await runHook('sipwd-webhook', [configFor(await getPort())])).toEqual({
      status: 7,
      said: expect.stringContaining('curl: (7)'),
    });
  });
});
