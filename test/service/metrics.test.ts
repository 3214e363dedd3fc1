import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { runningIn } from '../../src/service/health.ts';
import { metricsOf, stateOf } from '../../src/service/metrics.ts';
import { newTrail } from '../../src/service/trail.ts';
import { isInstalled } from '../support/caller.ts';
import { samplesIn } from '../support/metrics.ts';
import { DOWN, HEALTHY, observation, PIDFILE } from '../support/observation.ts';

const TALLY = { starts: 3, failedStarts: 2, forcedRestarts: 1, startedAt: 1_700_000_000_500, took: 62 };
const { service } = observation();
const RUNNING = runningIn(HEALTHY);

function metrics(changes: Partial<ReturnType<typeof newTrail>> = {}, status = 0, tally: typeof TALLY | 'none' = TALLY) {
  return metricsOf([stateOf({ service, trail: { ...newTrail(), ...changes } }, status, tally)]);
}

describe('the metrics of a service', () => {
  test('when it is healthy, all have a value, with HELP and TYPE', () => {
    const text = metrics({ seen: observation({ verdicts: RUNNING }) });
    expect(samplesIn(text)).toEqual({
      up: 1,
      enabled: 1,
      pids_listed: PIDFILE.pids.length,
      pids_running: RUNNING.length,
      paused: 0,
      last_run_timestamp_seconds: expect.closeTo(Date.now() / 1000, -1),
      last_start_timestamp_seconds: 1_700_000_000.5,
      last_start_duration_seconds: 0.062,
      exit_status: 0,
      starts_total: 3,
      failed_starts_total: 2,
      forced_restarts_total: 1,
    });
    for (const name of Object.keys(samplesIn(text))) {
      expect(text).toMatch(new RegExp(`^# HELP sipwd_${name} \\S.*\\.$`, 'm'));
      const type = name.endsWith('_total') ? 'counter' : 'gauge';
      expect(text).toContain(`# TYPE sipwd_${name} ${type}\n`);
    }
  });

  test('when it is down, or cannot be observed, it is not up', () => {
    expect(samplesIn(metrics({ seen: observation({ health: DOWN }) }, 3))).toMatchObject({ up: 0, exit_status: 3 });
    const unknown = samplesIn(metrics({}, 2));
    expect(unknown).toMatchObject({ up: 0, enabled: 1, exit_status: 2 });
    expect(unknown).not.toHaveProperty('pids_listed');
  });

  test('when it is disabled, it is neither up nor down', () => {
    const samples = samplesIn(metrics({ isEnabled: false }));
    expect(samples).toMatchObject({ enabled: 0, exit_status: 0, starts_total: 3 });
    for (const name of ['up', 'paused', 'pids_listed', 'pids_running']) expect(samples).not.toHaveProperty(name);
  });

  test('when it is paused, it says so', () => {
    expect(samplesIn(metrics({ seen: observation({ health: DOWN }) }, 6))).toMatchObject({ up: 0, paused: 1 });
  });

  test('when sipwd has not started it, the counters are 0; without a snapshot there are none', () => {
    const state = stateOf({ service, trail: newTrail() }, 0, undefined);
    const samples = samplesIn(metricsOf([state]));
    expect(samples).toMatchObject({ starts_total: 0, failed_starts_total: 0, forced_restarts_total: 0 });
    expect(samples).not.toHaveProperty('last_start_timestamp_seconds');
    expect(samplesIn(metrics({}, 0, 'none'))).not.toHaveProperty('starts_total');
  });

  test('when a label holds quotes, backslashes or line feeds, they are escaped', () => {
    const odd = { ...service, name: 'a"b\\c\nd' };
    expect(metricsOf([stateOf({ service: odd, trail: newTrail() }, 0, undefined)])).toContain(
      '{name="a\\"b\\\\c\\nd",',
    );
  });

  test.skipIf(!isInstalled('promtool'))('when promtool checks them, it finds no fault (needs promtool)', () => {
    const odd = { ...service, name: 'a"b\\c\nd{}' };
    const seen = observation();
    const states = [service, odd].map((each) => stateOf({ service: each, trail: { ...newTrail(), seen } }, 0, TALLY));
    const { all, exitCode } = execaSync('promtool', ['check', 'metrics'], { input: metricsOf(states), all: true });
    expect({ all, exitCode }).toEqual({ all: '', exitCode: 0 });
  });
});
