import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { excerpt, printable } from '../../src/log/escape.ts';
import { siplogLine } from '../../src/log/siplog.ts';
import { MONTHS } from '../support/log.ts';
import { anyText, expectToHold } from '../support/seed.ts';

/** What moves the cursor, begins a line, changes the direction of text, or is not a character. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const printableText = anyText.filter((text) => !UNPRINTABLE.test(text));

/** Half and quarter hours, both sides of the date line, daylight saving time, POSIX rules, and no zone at all. */
const ZONES = [
  'UTC',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Africa/Casablanca',
  'EST5EDT,M3.2.0,M11.1.0',
  ':/etc/localtime',
  'No/Where',
];

/** Since then, every zone is whole minutes from UTC. */
const time = fc.date({ min: new Date('1973-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

describe('printable', () => {
  test('whatever a text holds, the result is one printable line', () => {
    expectToHold(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(UNPRINTABLE);
      }),
    );
  });

  test('when a text is printable, it is unchanged', () => {
    expectToHold(
      fc.property(printableText, (text) => {
        expect(printable(text)).toBe(text);
      }),
    );
  });

  test('whatever a text holds, its excerpt is one short printable line', () => {
    const property = fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, most) => {
      const shown = excerpt(text, most);
      expect(shown).not.toMatch(UNPRINTABLE);
      // The longest escape, `\u{10ffff}`, stands for two units.
      expect(shown.length).toBeLessThanOrEqual(most * 8 + 3);
    });
    expectToHold(property);
  });
});

describe('siplogLine', () => {
  test.for(ZONES)('when the time zone is %s, the line begins with the local time, whatever the moment', (zone) => {
    vi.stubEnv('TZ', zone);
    const property = fc.property(time, printableText, (at, message) => {
      const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
      const [, month, day, clock] = /^\d+-(\d\d)-(\d\d)T(.*)Z$/.exec(local) ?? [];
      const stamp = `${Number(day)} ${MONTHS[Number(month) - 1]} ${clock}`;
      expect(siplogLine({ time: at.getTime(), level: 30, msg: message })).toBe(`${stamp}/GLOBAL/sipwd: ${message}\n`);
    });
    expectToHold(property);
  });
});
