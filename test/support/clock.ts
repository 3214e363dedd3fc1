import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { TestService } from './service.ts';

/** The library that faketime(1) preloads; empty where it is not installed. */
const LIBRARY = /LD_PRELOAD=(.*)/.exec(spawnSync('faketime', ['now', 'env']).stdout?.toString() ?? '')?.[1] ?? '';

/** Whether the clock of one program can be set (needs the package faketime). */
export const canSetClock = LIBRARY !== '';

/** A wall clock for one program, which can be set while it runs; it begins half an hour after noon. The monotonic clock is not touched. */
export class Clock {
  readonly #file: string;

  constructor(service: TestService) {
    this.#file = service.write('clock', '');
    this.set(12);
  }

  set(hour: number): void {
    writeFileSync(this.#file, `@2026-06-15 ${String(hour).padStart(2, '0')}:30:00\n`);
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      ...{ LD_PRELOAD: LIBRARY, TZ: 'UTC', NO_FAKE_STAT: '1' },
      ...{ FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    };
  }
}
