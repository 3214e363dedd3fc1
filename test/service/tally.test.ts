import { describe, expect, test } from 'vitest';
import { withDuration, withFailure, withStart } from '../../src/service/tally.ts';

describe('what is counted', () => {
  test('when a service is started, the start counts, also as a forced restart', () => {
    const first = withStart(undefined, 1000, false);
    expect(first).toEqual({ starts: 1, failedStarts: 0, forcedRestarts: 0, startedAt: 1000 });
    expect(withStart(first, 2000, true)).toEqual({ starts: 2, failedStarts: 0, forcedRestarts: 1, startedAt: 2000 });
  });

  test('when a start fails, it counts once more; when it succeeds, its duration is kept until the next', () => {
    const start = withStart(undefined, 1000, false);
    expect(withFailure(start)).toMatchObject({ starts: 1, failedStarts: 1 });
    const up = withDuration(start, 61.7);
    expect(up).toMatchObject({ took: 62 });
    expect(withStart(up, 2000, false)).not.toHaveProperty('took');
  });

  test('when there is no snapshot, nothing is counted', () => {
    expect(withFailure(undefined)).toBeUndefined();
    expect(withDuration(undefined, 1)).toBeUndefined();
  });
});
