import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (name: string) => readFileSync(name, 'utf8');
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);

describe('the pictures', () => {
  test('when bench/results.md has new figures, docs/speed.svg shows them', () => {
    const shown = all(read('docs/speed.svg'), />([\d.]+ ms, [\d.]+ MB)</g);
    const [table = ''] = read('bench/results.md')
      .split('\n\n')
      .filter((part) => part.includes('| peak MB |'));
    const figures = [...table.matchAll(/\| ([\d.]+) +\| ([\d.]+) +\|$/gm)].map(([, ms, mb]) => `${ms} ms, ${mb} MB`);
    expect(figures.length).toBeGreaterThan(3);
    expect(shown).toEqual(figures);
  });

  test('when docs/decision.dot has new labels, docs/decision.svg shows them', () => {
    const words = (text: string) => text.split(/[^\w/<>&;.-]+/).filter((word) => word !== '');
    const dot = read('docs/decision.dot');
    const labels = [...all(dot, /label="(.*?)"/g), ...all(dot, /label=<(.*)>\]?$/gm)].join(' ');
    const svg = all(read('docs/decision.svg'), /<text[^>]*>(.*?)<\/text>/g).join(' ');
    const wanted = words(labels.replaceAll(/\\n|<\/?br?\/?>/g, ' '));
    const shown = words(svg.replaceAll('&#45;', '-').replaceAll('&#160;', ' '));
    expect(wanted.length).toBeGreaterThan(50);
    expect(wanted.filter((word) => !shown.includes(word))).toEqual([]);
  });
});
