import { readFileSync } from 'node:fs';
import { setUp } from './stage.ts';
import type { Scene } from './table.ts';
import { traced } from './traced.ts';

/** One system call of a run: the third rename, for example. */
export interface Call {
  readonly name: string;
  readonly number: number;
}

/** The system calls by which sipwd changes anything outside of itself. */
const ACTING =
  /^(p?write\w*|send\w*|connect|unlink\w*|rename\w*|mkdir\w*|f?chmod\w*|ftruncate|t?g?kill|pidfd_send_signal|v?fork|clone\w*|execve|exit_group)$|^open(at)?\(.*O_(CREAT|TRUNC)/;

/**
 * The system calls of an undisturbed run, in order. acting: from the first check of the runfile, those that change
 * something, and the one after each of them. Between two of these, a run that is killed leaves the same behind wherever
 * that happens.
 */
export async function callsOf(scene: Scene): Promise<{ readonly acting: Call[]; readonly others: Call[] }> {
  const stage = await setUp(scene);
  const { status } = await traced(stage, '-e trace=all');
  if (status !== 0) throw new Error(`an undisturbed run ended with status ${status}`);
  const numbers = new Map<string, number>();
  const acting: Call[] = [];
  const others: Call[] = [];
  let hasBegun = false;
  let follows = false;
  for (const line of readFileSync(stage.service.path('trace'), 'utf8').split('\n')) {
    const [, name] = /^(\w+)\(/.exec(line) ?? [];
    if (name === undefined) continue;
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    hasBegun ||= name.includes('stat') && line.includes(stage.service.runfile);
    const acts = hasBegun && [name, line].some((each) => ACTING.test(each));
    (acts || follows ? acting : others).push({ name, number });
    follows = acts;
  }
  return { acting, others };
}

/** So many of a list, at equal distances; the seed determines the first one. */
export function sample<T>(list: readonly T[], count: number, seed: number): T[] {
  const stride = Math.max(1, Math.ceil(list.length / count));
  return list.filter((_, index) => index % stride === seed % stride);
}
