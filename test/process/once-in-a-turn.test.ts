import { describe, expect, test } from 'vitest';
import { onceInATurn, onceInATurnFor } from '../../src/process/once-in-a-turn.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('what is found out once in a turn of the event loop', () => {
  test('when it is asked for again in the same turn, it is the same; in the next one, it is new', async () => {
    let count = 0;
    const next = onceInATurn(() => ++count);
    expect([next(), next(), await next()]).toEqual([1, 1, 1]);
    await nextTurn();
    expect(next()).toBe(2);
  });

  test('when it depends on an argument, it is found out for each', async () => {
    const asked: string[] = [];
    const find = onceInATurnFor((key) => asked.push(key) > 1);
    expect([find('one'), find('two'), find('one'), find('two')]).toEqual([false, true, false, true]);
    await nextTurn();
    find('one');
    expect(asked).toEqual(['one', 'two', 'one']);
  });
});
