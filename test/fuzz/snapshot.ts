import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect } from 'vitest';
import { parseSnapshot, type Snapshot } from '../../src/service/snapshot.ts';
import { anyText } from '../support/seed.ts';
import { type Case, damaged, mixed, type Outcome, repeated, target } from './target.ts';

const text = { type: 'string' };
const integer = { type: 'integer' };
const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const scalar = { not: { type: ['object', 'array', 'null'] } };
const witnesses = {
  type: 'array',
  items: {
    type: 'object',
    properties: { pid: integer, startTime: integer, exe: text, file: text },
    required: ['pid', 'startTime'],
    additionalProperties: scalar,
  },
};

/** The form of a snapshot in other words: a JSON Schema. */
const SCHEMA = {
  type: 'object',
  properties: {
    boot: text,
    binfile: text,
    pidfile: text,
    access: {
      type: ['object', 'null'],
      properties: { uid: integer, gid: integer, mode: integer },
      required: ['uid', 'gid', 'mode'],
    },
    mains: witnesses,
    workers: witnesses,
    start: {
      type: ['object', 'null'],
      properties: {
        cookie: { type: 'string', pattern: '^[0-9a-f]{32}$' },
        began: integer,
        pidfile: text,
        state: { enum: ['running', 'failed', 'not confirmed', 'confirmed'] },
        strangers: witnesses,
        failuresBefore: count,
        runfile: text,
        pausedAt: count,
      },
      required: ['cookie', 'began', 'pidfile', 'state'],
      additionalProperties: scalar,
    },
    tally: {
      type: 'object',
      properties: { starts: count, failedStarts: count, forcedRestarts: count, startedAt: count, took: count },
      required: ['starts', 'failedStarts', 'forcedRestarts', 'startedAt'],
      additionalProperties: scalar,
    },
  },
  required: ['boot', 'binfile', 'pidfile', 'access', 'mains', 'workers', 'start'],
};
const isValid = new Ajv({ strictTypes: false }).compile(SCHEMA);

const id = { pid: fc.integer({ min: 2, max: 4_194_304 }), startTime: fc.nat() };
const processes = fc.array(fc.record({ ...id, exe: anyText, file: anyText }, { requiredKeys: ['pid', 'startTime'] }), {
  maxLength: 4,
});
const cookie = fc
  .array(fc.nat(255), { minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const start = fc.record(
  {
    cookie,
    began: fc.nat(),
    pidfile: anyText,
    state: fc.constantFrom('running', 'failed', 'not confirmed', 'confirmed'),
    strangers: processes,
    failuresBefore: fc.nat(),
    runfile: anyText,
    pausedAt: fc.nat(),
  },
  { requiredKeys: ['cookie', 'began', 'pidfile', 'state'] },
);
const tally = fc.record(
  { starts: fc.nat(), failedStarts: fc.nat(), forcedRestarts: fc.nat(), startedAt: fc.nat(), took: fc.nat() },
  { requiredKeys: ['starts', 'failedStarts', 'forcedRestarts', 'startedAt'] },
);
const snapshot = fc.record(
  {
    boot: anyText,
    binfile: anyText,
    pidfile: anyText,
    access: fc.option(fc.record({ uid: fc.nat(), gid: fc.nat(), mode: fc.nat() })),
    mains: processes,
    workers: processes,
    start: fc.option(start),
    tally,
  },
  { requiredKeys: ['boot', 'binfile', 'pidfile', 'access', 'mains', 'workers', 'start'] },
);
const validText = snapshot.map((value) => JSON.stringify(value));

/** Of another type or in another form; JSON has numbers that no integer is. */
const wrongValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', 'ab\ncd', 'F'.repeat(32), -1, 0.5, 2 ** 53, 1e300, null, true, [], {}, [[]], [null]),
);

/** A snapshot in which one value, anywhere, is another one, or missing. */
const altered = fc
  .tuple(validText, fc.nat(), fc.option(wrongValue, { nil: undefined, freq: 10 }))
  .map(([whole, number, put]) => {
    let left = number % JSON.stringify(JSON.parse(whole)).split(/[:,]/).length;
    return JSON.stringify(JSON.parse(whole, (_, value) => (left-- === 0 ? put : value))) ?? '';
  });

/** Close to a cookie: one wrong character among 32. */
const otherCookie = fc
  .tuple(validText, fc.nat(31), fc.constantFrom('g', 'A', ' ', '\\n', ''))
  .map(([whole, at, put]) =>
    whole.replace(/(?<="cookie":"[0-9a-f]*)[0-9a-f]{32}/, (all) => all.slice(0, at) + put + all.slice(at + 1)),
  );

const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('"', '}', ']', '1e999', '-0', '"__proto__":{"boot":"x"},', '"boot":1,', '\\ud800', '\0'),
);

/** Nested deep, or a list of many processes. */
const large = fc
  .tuple(
    fc.constantFrom('', '{"boot":', '{"start":', '{"mains":[{"pid":2,"startTime":1},'),
    repeated(fc.constantFrom('[', '{"a":', '{"pid":2,"startTime":1},', '9', '\\u0000'), 20_000),
  )
  .map(([before, rest]) => before + rest);
const nested = fc
  .tuple(validText, fc.constantFrom('"pid":', '"began":', '"boot":'), fc.integer({ min: 1, max: 20_000 }))
  .map(([whole, before, depth]) => whole.replace(before, `"more":${'['.repeat(depth)}${']'.repeat(depth)},${before}`));

const cases = mixed<Snapshot>(
  snapshot.map((rendered) => ({ text: JSON.stringify(rendered), rendered: rendered as Snapshot })),
  [altered, otherCookie, damaged(validText, junk), fc.json(), fc.string({ unit: 'binary' })],
  fc.oneof(large, nested),
  { valid: 50, others: 149 },
);

function reference(whole: string): unknown {
  try {
    const value: unknown = JSON.parse(whole);
    return isValid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function check({ text, rendered }: Case<Snapshot>): Outcome {
  const expected = reference(text);
  const parsed = parseSnapshot(text);
  if (rendered !== undefined) expect(parsed).toEqual(rendered);
  expect(parsed === undefined).toBe(expected === undefined);
  if (parsed === undefined) return 'refused';
  const { boot, binfile, pidfile, access, mains, workers, start } = parsed;
  // What a run takes over into the next snapshot can be written.
  expect(() => JSON.stringify([boot, binfile, pidfile, access?.mode, mains, workers, start])).not.toThrow();
  return 'accepted';
}

/** Any text as a snapshot. */
export const SNAPSHOT = target('snapshot', cases, check);
