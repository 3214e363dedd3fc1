import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { excerpt, printable } from '../../src/log/printable.ts';
import { siplogLine } from '../../src/log/siplog.ts';
import { anyText, PROPERTY } from '../support/seed.ts';

/** Whatever moves the cursor, begins a line, turns the direction of text or is no character at all. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const printableText = anyText.filter((text) => !UNPRINTABLE.test(text));

/** Half and quarter hours, both sides of the date line, changes in the night and at noon, POSIX rules, nonsense. */
const ZONES = [
  ...['UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'America/St_Johns'],
  ...[
    'Australia/Lord_Howe',
    'Europe/Berlin',
    'Africa/Casablanca',
    'EST5EDT,M3.2.0,M11.1.0',
    ':/etc/localtime',
    'No/Where',
  ],
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Since then every zone is whole minutes from UTC. */
const time = fc.date({ min: new Date('1973-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

afterEach(() => vi.unstubAllEnvs());

describe('printable', () => {
  test('when a text holds anything, what comes out is one printable line', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(UNPRINTABLE);
      }),
      PROPERTY,
    );
  });

  test('when a text is printable, it is unchanged', () => {
    fc.assert(
      fc.property(printableText, (text) => {
        expect(printable(text)).toBe(text);
      }),
      PROPERTY,
    );
  });

  test('when a text is excerpted, it is one short printable line, whatever it holds', () => {
    const property = fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, most) => {
      const shown = excerpt(text, most);
      expect(shown).not.toMatch(UNPRINTABLE);
      // The longest escape, `\u{10ffff}`, stands for two units.
      expect(shown.length).toBeLessThanOrEqual(most * 8 + 3);
    });
    fc.assert(property, PROPERTY);
  });
});

describe('siplogLine', () => {
  test('when it is any moment in any time zone, the line begins with the local time', () => {
    const property = fc.property(fc.constantFrom(...ZONES), time, printableText, (zone, at, message) => {
      vi.stubEnv('TZ', zone);
      const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
      const [, month, day, clock] = /^\d+-(\d\d)-(\d\d)T(.*)Z$/.exec(local) ?? [];
      const stamp = `${Number(day)} ${MONTHS[Number(month) - 1]} ${clock}`;
      expect(siplogLine(at, message)).toBe(`${stamp}/GLOBAL/sipwd: ${message}\n`);
    });
    fc.assert(property, PROPERTY);
  });
});
