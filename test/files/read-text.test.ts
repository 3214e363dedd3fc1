import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readText } from '../../src/files/read-text.ts';
import { temporaryFolder } from '../support/folder.ts';

function read(text: string, size = Buffer.byteLength(text)): string {
  const descriptor = openSync(join(temporaryFolder({ file: text }), 'file'), 'r');
  try {
    return readText(descriptor, size);
  } finally {
    closeSync(descriptor);
  }
}

test.each(['', 'one line\n', 'ä'.repeat(8191), 'x'.repeat(16 * 1024), 'x'.repeat(100_000)])(
  'when a file is read, its text is whole (%#)',
  (text) => {
    expect(read(text)).toBe(text);
  },
);

test('when a file has grown or shrunk since its size was read, what it holds now is read', () => {
  expect(read('longer', 3)).toBe('longer');
  expect(read('short', 300)).toBe('short');
});
